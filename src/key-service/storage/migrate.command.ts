import { ConfigError, loadConfigs, type Environment } from '../../platform/config/env.js';
import { StartError } from '../../platform/start-error.js';
import { DatabaseConfig } from '../config/database.config.js';
import { migrate, schemaState } from './migrator.js';
import { asStartError } from './start-problem.js';

const MIGRATE_USAGE = `Usage: main.js migrate [--check]

Brings the database of DATABASE_URL to the schema of this version, and ends. May be run again, and beside running
services: migrations within a minor version only add to what is there.

  --check    say what would be run, and change nothing

Exit codes: 0 nothing is left to run, 1 an error, 2 a wrong call or a database that cannot be used, 3 with --check:
migrations are left to run.
`;

export interface CommandStreams {
  out: (text: string) => void;
  err: (text: string) => void;
}

/** Runs the migrations as a program of its own, as a job before a deployment does. @returns the exit code */
export async function runMigrate(
  args: readonly string[],
  env: Environment,
  { out, err }: CommandStreams,
): Promise<number> {
  if (args.length > 1 || (args[0] !== undefined && args[0] !== '--check')) {
    const help = args[0] === '--help' || args[0] === '-h';
    (help ? out : err)(MIGRATE_USAGE);
    return help ? 0 : 2;
  }
  try {
    const [config] = loadConfigs(env, [DatabaseConfig] as const);
    if (args[0] === undefined) {
      out(listOf('run', await migrate(config, 'up')));
      return 0;
    }
    const { pending } = await schemaState(config);
    out(listOf('to run', pending));
    return pending.length === 0 ? 0 : 3;
  } catch (thrown) {
    const error = asStartError(thrown);
    err(`${error instanceof Error ? error.message : String(error)}\n`);
    return error instanceof ConfigError || error instanceof StartError ? 2 : 1;
  }
}

function listOf(what: string, migrations: readonly string[]): string {
  if (migrations.length === 0) return `no migrations ${what}\n`;
  return `migrations ${what}:\n${migrations.map((name) => `  ${name}\n`).join('')}`;
}
