import { Migrator, NO_MIGRATIONS, sql, type Migration } from 'kysely';
import { openDatabase, type ConnectionSettings, type Engine } from './database.js';
import type { Db } from './database.schema.js';
import { apiKeys } from './migrations/0001-api-keys.js';
import { auditLog } from './migrations/0002-audit-log.js';
import { apiKeyUsage } from './migrations/0003-api-key-usage.js';
import { invalidationOutbox } from './migrations/0004-invalidation-outbox.js';

/** Number of the lock that replicas hold while they migrate; any constant does. */
const LOCK = 7_240_915_334;

/** In the order of their names; what has been released is never edited. */
const MIGRATIONS: Record<string, (engine: Engine) => Migration> = {
  '0001-api-keys': apiKeys,
  '0002-audit-log': auditLog,
  '0003-api-key-usage': apiKeyUsage,
  '0004-invalidation-outbox': invalidationOutbox,
};

export type MigrationDirection = 'up' | 'down';

/**
 * Brings a database to the newest schema, or takes all of it away. Replicas may call it at the same time:
 * one migrates, the others find nothing to do afterwards. On SQLite all migrations are one transaction, on
 * PostgreSQL too, so an interrupted one leaves nothing behind.
 *
 * @returns names of the migrations that were run
 * @throws SQLite's error 5 (busy) while another process migrates the same file; on PostgreSQL it waits
 */
export async function migrate(
  settings: ConnectionSettings,
  direction: MigrationDirection,
): Promise<string[]> {
  // Its own connections, because waiting for another replica may take longer than any request should.
  const database = openDatabase({ ...settings, poolSize: 2 }, { statementsMs: 0 });
  try {
    return await database.db
      .connection()
      .execute((connection) => locked(database.engine, connection, direction));
  } finally {
    await database.close();
  }
}

async function locked(engine: Engine, connection: Db, direction: MigrationDirection): Promise<string[]> {
  if (engine === 'postgres') {
    await sql`select pg_advisory_lock(${LOCK})`.execute(connection);
    try {
      return await run(engine, connection, direction);
    } finally {
      await sql`select pg_advisory_unlock(${LOCK})`.execute(connection);
    }
  }
  // Not waited for here, where waiting would block the whole process: the caller asks again.
  await sql`pragma busy_timeout = 0`.execute(connection);
  await sql`begin exclusive`.execute(connection);
  try {
    const names = await run(engine, connection, direction);
    await sql`commit`.execute(connection);
    return names;
  } catch (error) {
    await sql`rollback`.execute(connection);
    throw error;
  }
}

async function run(engine: Engine, db: Db, direction: MigrationDirection): Promise<string[]> {
  const migrations = Object.fromEntries(
    Object.entries(MIGRATIONS).map(([name, migration]) => [name, migration(engine)]),
  );
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  const { error, results = [] } =
    direction === 'up' ? await migrator.migrateToLatest() : await migrator.migrateTo(NO_MIGRATIONS);
  if (error !== undefined) throw error instanceof Error ? error : new Error('migration failed');
  return results.map((result) => result.migrationName);
}
