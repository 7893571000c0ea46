import { Argument, type Command } from 'commander';
import type { CommandRunner } from '../command-context.js';
import { Output } from '../io/output.js';
import { completionScript, SHELLS, type Shell } from '../completion-scripts.js';

const EXAMPLES = `
Load it once, or from the start-up file of the shell:
  bash:  source <(hokusai completion bash)
  zsh:   source <(hokusai completion zsh)
  fish:  hokusai completion fish | source`;

/** `hokusai completion`: a script for the shell, made from the command tree itself. */
export function addCompletion(program: Command, runner: CommandRunner): void {
  program
    .command('completion')
    .summary('print a completion script for a shell')
    .description('Prints a script that completes commands, options and their values.')
    .addArgument(new Argument('<shell>', 'shell to complete in').choices(SHELLS))
    .addHelpText('after', EXAMPLES)
    .action(
      runner.plainAction((io, { json = false }, shell) => {
        const script = completionScript(program, shell as Shell);
        if (json) new Output(io, json).data({ shell, script });
        else io.stdout.write(script);
        return Promise.resolve();
      }),
    );
}
