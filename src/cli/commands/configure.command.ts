import type { Command } from 'commander';
import { secretProblem } from '../../sdk/index.js';
import { usageError } from '../cli-error.js';
import { DEFAULT_PROFILE } from '../config/config-entries.js';
import type { CommandRunner, GlobalOptions } from '../command-context.js';
import {
  checkProfileName,
  configPath,
  readConfigFile,
  writeProfile,
  type Profile,
} from '../config/config-file.js';
import type { CliIo } from '../io/cli-io.js';
import { Output } from '../io/output.js';
import { ask, readSecret } from '../config/secret-input.js';

const EXAMPLES = `
Examples:
  hokusai configure
  hokusai configure --profile staging --auth-service-url https://auth-staging.hokus.ai
  pass show hokusai/key | hokusai configure --api-key-stdin
  printf '%s\\n' "$TOKEN" | hokusai configure --admin-token-stdin --auth-service-url http://127.0.0.1:8000`;

/** `hokusai configure`: writes a profile; asks for what is not given, where there is a terminal. */
export function addConfigure(program: Command, runner: CommandRunner): void {
  program
    .command('configure')
    .summary('write ~/.hokusai/config')
    .description(
      'Writes a profile of the config file, readable only by its owner. On a terminal it asks, without showing secrets; ' +
        'otherwise it takes addresses as options and one secret from standard input.',
    )
    .addHelpText('after', EXAMPLES)
    .action(runner.plainAction(configure));
}

async function configure(io: CliIo, options: GlobalOptions): Promise<void> {
  const output = new Output(io, options.json === true);
  const profile = checkProfileName(options.profile ?? (io.env['HOKUSAI_PROFILE'] || DEFAULT_PROFILE));
  const path = configPath(io);
  const given = await givenIn(io, options);
  const changes = Object.keys(given).length > 0 ? given : await askFor(io, output, path, profile);
  check(changes);
  await writeProfile(path, profile, changes);
  const written = Object.keys(changes);
  if (output.json) output.data({ path, profile, written });
  else
    output.note(`Wrote ${written.join(', ') || 'nothing new'} to profile ${profile} in ${path} (mode 600).`);
}

/** Values from the command line and standard input; empty if none were given. */
async function givenIn(io: CliIo, options: GlobalOptions): Promise<Profile> {
  const { authServiceUrl, trackingUri, apiKeyStdin, adminTokenStdin } = options;
  if (apiKeyStdin && adminTokenStdin)
    throw usageError('Standard input can hold one secret', 'Run "hokusai configure" once for each.');
  return {
    ...(apiKeyStdin && { api_key: await readSecret(io, 'API key') }),
    ...(adminTokenStdin && { admin_token: await readSecret(io, 'admin token') }),
    ...(authServiceUrl !== undefined && { auth_service_url: authServiceUrl }),
    ...(trackingUri !== undefined && { tracking_uri: trackingUri }),
  };
}

async function askFor(io: CliIo, output: Output, path: string, profile: string): Promise<Profile> {
  if (io.stdin.isTTY !== true)
    throw usageError(
      'There is no terminal to ask on',
      'Give --auth-service-url, --tracking-uri, --api-key-stdin or --admin-token-stdin.',
    );
  const now: Profile = (await readConfigFile(path)).sections[profile] ?? {};
  output.note(`Profile ${profile} in ${path}. An empty answer leaves a setting as it is.`);
  const secret = async (question: string, has: boolean): Promise<string> =>
    (await ask(io, `${question} [${has ? 'set' : 'not set'}]: `, { hidden: true })).trim();
  const plain = async (question: string, value?: string): Promise<string> =>
    (await ask(io, `${question} [${value ?? 'default'}]: `)).trim();
  const answers = {
    api_key: await secret('API key', now.api_key !== undefined),
    admin_token: await secret('Admin token (for key administrators)', now.admin_token !== undefined),
    auth_service_url: await plain('Auth service URL', now.auth_service_url),
    tracking_uri: await plain('MLflow tracking URI', now.tracking_uri),
  };
  return Object.fromEntries(Object.entries(answers).filter(([, value]) => value !== ''));
}

/** @throws CliError (usage) for what could never work, before it is written */
function check(changes: Profile): void {
  for (const name of ['api_key', 'admin_token'] as const) {
    const problem = changes[name] === undefined ? undefined : secretProblem(changes[name]);
    if (problem) throw usageError(`${name} ${problem}`);
  }
  for (const name of ['auth_service_url', 'tracking_uri'] as const) {
    const value = changes[name];
    if (value !== undefined && !/^https?:\/\//.test(URL.canParse(value) ? value : ''))
      throw usageError(`${name} must be an http:// or https:// URL`);
  }
}
