import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { usageError, type CliError } from './cli-error.js';
import type { CliIo } from './io/cli-io.js';
import { CommandRunner } from './command-context.js';
import { addAuth } from './commands/auth.command.js';
import { addCompletion } from './commands/completion.command.js';
import { addConfigure } from './commands/configure.command.js';
import { addDoctor } from './commands/doctor.command.js';
import { addVerify } from './commands/verify.command.js';
import { describeError } from './describe-error.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { Output } from './io/output.js';

const AFTER_HELP = `
Settings: options, then the environment (HOKUSAI_API_KEY, HOKUSAI_ADMIN_TOKEN, HOKUSAI_AUTH_SERVICE_URL,
MLFLOW_TRACKING_URI, MLFLOW_TRACKING_TOKEN), then a profile of ~/.hokusai/config, then the default.
Keys and tokens are never options: they would stand in the shell history and in the process list.

Examples:
  hokusai configure
  hokusai auth create-key --name "Production Key"
  hokusai auth list-keys --json
  hokusai verify

Exit codes: 0 ok, 1 failure, 2 wrong use or settings, 3 refused, 4 not found, 5 service unavailable,
6 not possible in the key's state, 7 rate limited, 130 interrupted.`;

/**
 * The whole command tree; nothing is read from the process itself.
 *
 * @param json whether standard error holds JSON alone
 */
export function buildProgram(io: CliIo, runner: CommandRunner, json = false): Command {
  const program = new Command('hokusai')
    .description(
      'API keys for MLflow behind the Hokusai gateway: manage them, verify the system, find what is wrong.',
    )
    .version(versionOf(), '--version', 'print the version')
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      // The help that commander shows for a missing command is not JSON.
      writeErr: (text) => json || io.stderr.write(text),
      // `run` writes the error itself, as it does all others.
      outputError: () => undefined,
      getErrHasColors: () => false,
      getOutHasColors: () => false,
    })
    .showSuggestionAfterError()
    .option('--profile <name>', 'profile of the config file (HOKUSAI_PROFILE)')
    .option('--json', 'print JSON, for programs; errors too')
    .option('--auth-service-url <url>', 'auth service (HOKUSAI_AUTH_SERVICE_URL)')
    .option('--tracking-uri <url>', 'MLflow through the gateway (MLFLOW_TRACKING_URI)')
    .option('--api-key-stdin', 'read the API key from standard input, or ask for it without showing it')
    .option(
      '--admin-token-stdin',
      'read the admin token from standard input, or ask for it without showing it',
    )
    .addHelpText('after', AFTER_HELP);
  addAuth(program, runner);
  addConfigure(program, runner);
  addVerify(program, runner);
  addDoctor(program, runner);
  addCompletion(program, runner);
  return program;
}

/**
 * Runs one command line.
 *
 * @param args without the two words of the interpreter
 */
export async function run(args: readonly string[], io: CliIo): Promise<ExitCode> {
  const runner = new CommandRunner(io);
  const json = args.includes('--json');
  const program = buildProgram(io, runner, json);
  try {
    await program.parseAsync(args, { from: 'user' });
    return runner.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return EXIT.ok;
      // Without a command the help was shown, which is more useful than an error.
      if (error.code === 'commander.help' && !json) return EXIT.usage;
    }
    const described =
      error instanceof CommanderError ? wrongUse(error, pathOf(program, args)) : describeError(error);
    new Output(io, json).error(described);
    return described.exitCode;
  }
}

/** Commander's message about a wrong command line, with the command that shows the right one. */
function wrongUse({ code, message }: CommanderError, path: string): CliError {
  const said =
    code === 'commander.help'
      ? 'A command is missing'
      : message.replace(/^error: /, '').replaceAll('\n', ' ');
  return usageError(
    said.charAt(0).toUpperCase() + said.slice(1),
    `Run "${path} --help" for its options and examples.`,
  );
}

/** The longest command that the arguments begin, such as `hokusai auth create-key`. */
function pathOf(program: Command, args: readonly string[]): string {
  let command = program;
  const path = [program.name()];
  for (const word of args) {
    const child = command.commands.find((one) => one.name() === word);
    if (!child) continue;
    command = child;
    path.push(word);
  }
  return path.join(' ');
}

function versionOf(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
