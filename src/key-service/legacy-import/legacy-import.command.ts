import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { SERVICE_ID_ML_PLATFORM } from '../../contracts/keys/key-validation.js';
import { ConfigError, loadConfigs, type Environment } from '../../platform/config/env.js';
import { ChainedAuditWriter } from '../audit/chained-audit-writer.js';
import { DatabaseConfig } from '../config/database.config.js';
import { KeysRepository } from '../keys/keys.repository.js';
import { openDatabase, parseDatabaseUrl, type Database } from '../storage/database.js';
import { migrate } from '../storage/migrator.js';
import { importLegacyKeys, type ImportReport } from './legacy-import.js';
import { readLegacyTable } from './legacy-source.js';

const LEGACY_IMPORT_USAGE = `Usage: npm run migrate:legacy -- --from <database url of the old tables> [options]

Imports the bcrypt-hashed keys of the earlier system's api_keys table into DATABASE_URL, so that they keep
working. May be repeated; what is there already is left alone.

  --from <url>             sqlite:///path or postgres://…; or the environment variable LEGACY_DATABASE_URL,
                           which keeps a password out of the process list
  --dry-run                say what would be done, and write nothing
  --service-id <id>        service of the keys, where the old table names none (default ${SERVICE_ID_ML_PLATFORM})
  --without-rate-limits    leave out the old limits, so that the gateway's defaults apply
  --json                   print the report as JSON

Exit codes: 0 all keys in use were imported, 1 an error, 2 a wrong call, 3 some keys in use were left out.
`;

export interface CommandStreams {
  out: (text: string) => void;
  err: (text: string) => void;
}

interface CommandOptions {
  from: string;
  dryRun: boolean;
  serviceId: string;
  withoutRateLimits: boolean;
  json: boolean;
}

/** Runs the import as a program does. @returns the exit code */
export async function runLegacyImport(
  args: readonly string[],
  env: Environment,
  { out, err }: CommandStreams,
): Promise<number> {
  const options = readOptions(args, env);
  if (typeof options === 'string') {
    (options === LEGACY_IMPORT_USAGE ? out : err)(options);
    return options === LEGACY_IMPORT_USAGE ? 0 : 2;
  }
  try {
    const [config] = loadConfigs(env, [DatabaseConfig] as const);
    const report = await run(options, config);
    out(options.json ? `${JSON.stringify(report, null, 2)}\n` : inWords(report));
    return report.not_imported.some(({ reason }) => reason !== 'inactive' && reason !== 'expired') ? 3 : 0;
  } catch (error) {
    err(`${error instanceof Error ? error.message : String(error)}\n`);
    return error instanceof ConfigError ? 2 : 1;
  }
}

/** The options, or what to print instead. */
function readOptions(args: readonly string[], env: Environment): CommandOptions | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        from: { type: 'string' },
        'dry-run': { type: 'boolean', default: false },
        'service-id': { type: 'string', default: SERVICE_ID_ML_PLATFORM },
        'without-rate-limits': { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) return LEGACY_IMPORT_USAGE;
    const from = values.from ?? env['LEGACY_DATABASE_URL'] ?? '';
    if (!/^(?:sqlite:\/\/\/.|postgres(?:ql)?:\/\/)/.test(from))
      return `--from must be sqlite:///path or a postgres:// URL\n\n${LEGACY_IMPORT_USAGE}`;
    return {
      from,
      dryRun: values['dry-run'],
      serviceId: values['service-id'],
      withoutRateLimits: values['without-rate-limits'],
      json: values.json,
    };
  } catch (error) {
    return `${(error as Error).message}\n\n${LEGACY_IMPORT_USAGE}`;
  }
}

async function run(options: CommandOptions, config: DatabaseConfig): Promise<ImportReport> {
  const rows = await readLegacyTable(options.from);
  if (!options.dryRun) await migrate(config, 'up');
  const database = await openTarget(config);
  try {
    return await importLegacyKeys(
      rows,
      { database, keys: new KeysRepository(), audit: new ChainedAuditWriter() },
      { ...options, now: new Date().toISOString() },
    );
  } finally {
    await database?.close();
  }
}

/** Undefined if there are no tables yet, as before a dry run, which creates none. */
async function openTarget(config: DatabaseConfig): Promise<Database | undefined> {
  const { engine, path } = parseDatabaseUrl(config.url);
  if (engine === 'sqlite' && !existsSync(path)) return undefined;
  const database = openDatabase(config);
  try {
    const tables = await database.db.introspection.getTables();
    if (tables.some(({ name }) => name === 'api_keys')) return database;
  } catch (error) {
    await database.close();
    throw error;
  }
  await database.close();
  return undefined;
}

/** The report for people: one line a row that was left out. */
function inWords(report: ImportReport): string {
  const lines = [
    `${report.read} rows read`,
    `${report.imported} keys ${report.dry_run ? 'would be imported (dry run: nothing was written)' : 'imported'}`,
    `${report.already_imported} keys were imported before`,
    `${report.not_imported.length} rows not imported${report.not_imported.length > 0 ? ':' : ''}`,
    ...report.not_imported.map(({ key_id, reason }) => `  ${key_id}  ${reason}`),
  ];
  return `${lines.join('\n')}\n`;
}
