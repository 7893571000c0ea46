import { Migrator, NO_MIGRATIONS, sql } from 'kysely';
import { existsSync } from 'node:fs';
import { StartError } from '../../platform/start-error.js';
import { openDatabase, parseDatabaseUrl, type ConnectionSettings, type Engine } from './database.js';
import type { Db } from './database.schema.js';
import { MIGRATIONS, MIN_READER, SCHEMA_VERSION } from './migrations.js';

/** Number of the lock that replicas hold while they migrate; any constant does. */
const LOCK = 7_240_915_334;

export type MigrationDirection = 'up' | 'down';

/** What a database has of the migrations that this program knows. */
export interface SchemaState {
  /** Migrations that are still to be run, in their order. */
  pending: string[];
  /** Migrations of a newer program, in their order. */
  newer: string[];
}

/**
 * Brings a database to the newest schema, or removes all tables. Replicas may call it at the same time: one migrates,
 * the others find nothing to do afterwards. All migrations are one transaction, so an interrupted one leaves nothing
 * behind, and the lock holds behind a pooler that gives a connection to a transaction at a time.
 *
 * @returns names of the migrations that were run; none on a database that a newer program has migrated
 * @throws StartError where a newer program has changed the database so that this one cannot use it
 * @throws SQLite's error 5 (busy) while another process migrates the same file; on PostgreSQL it waits
 */
export function migrate(settings: ConnectionSettings, direction: MigrationDirection): Promise<string[]> {
  return withConnection(settings, (engine, connection) => locked(engine, connection, direction));
}

/**
 * What would be run; changes nothing.
 *
 * @throws StartError where a newer program has changed the database so that this one cannot use it
 */
export async function schemaState(settings: ConnectionSettings): Promise<SchemaState> {
  const { engine, path } = parseDatabaseUrl(settings.url);
  // Opening would make it.
  if (engine === 'sqlite' && !existsSync(path)) return { pending: Object.keys(MIGRATIONS), newer: [] };
  return withConnection(settings, (_engine, connection) => readState(connection));
}

/** On connections of its own, because waiting for another replica may take longer than any request should. */
async function withConnection<T>(
  settings: ConnectionSettings,
  work: (engine: Engine, connection: Db) => Promise<T>,
): Promise<T> {
  const database = openDatabase({ ...settings, poolSize: 2 }, { unlimited: true });
  try {
    return await database.db.connection().execute((connection) => work(database.engine, connection));
  } finally {
    await database.close();
  }
}

async function locked(engine: Engine, connection: Db, direction: MigrationDirection): Promise<string[]> {
  if (engine === 'postgres') await sql`begin`.execute(connection);
  else await sql`begin exclusive`.execute(connection);
  try {
    if (engine === 'postgres') {
      await sql`set local statement_timeout = 0`.execute(connection);
      await sql`select pg_advisory_xact_lock(${LOCK})`.execute(connection);
    }
    const names = await run(engine, connection, direction);
    await sql`commit`.execute(connection);
    return names;
  } catch (error) {
    // Where the connection is lost there is nothing to undo, and the reason is the first error.
    await sql`rollback`.execute(connection).catch(() => undefined);
    throw error;
  }
}

async function run(engine: Engine, db: Db, direction: MigrationDirection): Promise<string[]> {
  const { newer, pending } = await readState(db);
  if (newer.length > 0 && direction === 'up') return [];
  if (engine === 'postgres' && pending.length > 0) await requireRightToCreate(db);
  const migrations = Object.fromEntries(
    Object.entries(MIGRATIONS).map(([name, { create }]) => [name, create(engine)]),
  );
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => migrations },
    disableTransactions: true,
  });
  const { error, results = [] } =
    direction === 'up' ? await migrator.migrateToLatest() : await migrator.migrateTo(NO_MIGRATIONS);
  if (error !== undefined) throw error instanceof Error ? error : new Error('migration failed');
  if (direction === 'up' && results.length > 0)
    await db.updateTable('schema_compatibility').set({ min_reader: MIN_READER }).execute();
  return results.map((result) => result.migrationName);
}

/** Asked before, because Kysely loses the reason when its first statement fails within a transaction. */
async function requireRightToCreate(db: Db): Promise<void> {
  const { rows } = await sql<{ allowed: boolean | null }>`
    select has_schema_privilege(current_schema(), 'create') as allowed`.execute(db);
  if (rows[0]?.allowed !== true)
    throw Object.assign(new Error('permission denied to create tables'), { code: '42501' });
}

async function readState(db: Db): Promise<SchemaState> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  const has = (table: string): boolean => tables.some(({ name }) => name === table);
  const stored = has('kysely_migration')
    ? (await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db)).rows
    : [];
  const names = stored.map(({ name }) => name);
  const state = {
    pending: Object.keys(MIGRATIONS).filter((name) => !names.includes(name)),
    newer: names.filter((name) => !(name in MIGRATIONS)),
  };
  if (state.newer.length > 0) {
    const row = has('schema_compatibility')
      ? await db.selectFrom('schema_compatibility').select('min_reader').executeTakeFirst()
      : undefined;
    requireReadable(state, row?.min_reader ?? Number.MAX_SAFE_INTEGER);
  }
  return state;
}

/** @throws StartError unless all that this program needs of the database is there */
function requireReadable({ pending, newer }: SchemaState, minReader: number): void {
  if (pending.length === 0 && minReader <= SCHEMA_VERSION) return;
  throw new StartError(
    pending.length > 0
      ? `The database has migrations that this version does not know (${newer.join(', ')}) and lacks others (${pending.join(', ')}): start the version that migrated it.`
      : `A newer version has changed the database (${newer.join(', ')}) so that versions before it cannot use it: start that version, or restore the backup that was made before.`,
  );
}
