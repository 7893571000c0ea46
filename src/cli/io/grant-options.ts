import { InvalidArgumentError, type Command } from 'commander';
import { readFile } from 'node:fs/promises';
import { SCOPE_LEVELS, type Grants, type ScopeLevel } from '../../sdk/index.js';
import { usageError } from '../cli-error.js';

/** Options that say what of MLflow a key may use. */
export interface GrantOptions {
  experiment?: NonNullable<Grants['experiments']>;
  model?: NonNullable<Grants['models']>;
  prompt?: NonNullable<Grants['prompts']>;
  endpoint?: NonNullable<Grants['endpoints']>;
  workspace?: NonNullable<Grants['workspaces']>;
  grants?: string;
}

/** Adds the options for grants. With any of them, the key is refused everything that is not granted. */
export function addGrantOptions(command: Command): Command {
  return command
    .option(
      '--experiment <grant>',
      'experiment by id or name pattern, as 12:write or team-a/*:read; repeatable',
      experiment,
    )
    .option('--model <grant>', "registered model by name pattern, as 'team-a-*:write'; repeatable", named)
    .option('--prompt <grant>', "prompt by name pattern, as '*:read'; repeatable", named)
    .option('--endpoint <pattern>', "endpoint of MLflow's AI gateway that it may call; repeatable", endpoint)
    .option('--workspace <name>', 'workspace; repeatable', workspace)
    .option('--grants <file|json>', 'all of the above from a JSON file, or as JSON itself');
}

/**
 * The grants that the options describe; undefined if none is given.
 *
 * @throws CliError (usage) for a file that cannot be read, or beside other options
 */
export async function grantsOf(options: GrantOptions): Promise<Grants | undefined> {
  const { experiment: experiments, model: models, prompt: prompts } = options;
  const { endpoint: endpoints, workspace: workspaces, grants: file } = options;
  const given = { experiments, models, prompts, endpoints, workspaces };
  const kinds = Object.entries(given).filter(([, entries]) => entries !== undefined);
  if (file === undefined) return kinds.length === 0 ? undefined : Object.fromEntries(kinds);
  if (kinds.length > 0)
    throw usageError('--grants replaces --experiment, --model and the like: give one or the other');
  return parseGrants(file.startsWith('{') ? file : await contentOf(file), file);
}

async function contentOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => {
    throw usageError(`--grants: ${file} cannot be read`);
  });
}

function parseGrants(text: string, given: string): Grants {
  try {
    // The service checks the content of the file.
    return JSON.parse(text) as Grants;
  } catch {
    throw usageError(`--grants: ${given} is not JSON`);
  }
}

type Experiments = NonNullable<Grants['experiments']>;
type Named = NonNullable<Grants['models']>;

function experiment(text: string, before: Experiments = []): Experiments {
  const { name, level } = nameAndLevel(text);
  return [...before, /^\d+$/.test(name) ? { id: name, level } : { name, level }];
}

function named(text: string, before: Named = []): Named {
  return [...before, nameAndLevel(text)];
}

function endpoint(
  text: string,
  before: NonNullable<Grants['endpoints']> = [],
): NonNullable<Grants['endpoints']> {
  return [...before, { name: filled(text.replace(/:invoke$/, '')), level: 'invoke' }];
}

function workspace(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, filled(text)];
}

/** The level comes after the last colon, because names may contain colons. */
function nameAndLevel(text: string): { name: string; level: ScopeLevel } {
  const colon = text.lastIndexOf(':');
  const level = text.slice(colon + 1) as ScopeLevel;
  if (colon < 1 || !SCOPE_LEVELS.includes(level))
    throw new InvalidArgumentError(
      `It must end in a level: ${SCOPE_LEVELS.map((one) => `:${one}`).join(', ')}.`,
    );
  return { name: text.slice(0, colon), level };
}

function filled(text: string): string {
  if (text === '') throw new InvalidArgumentError('It must not be empty.');
  return text;
}
