import { sql, type Kysely, type Migration } from 'kysely';
import { columnTypes } from '../column-types.js';
import type { Engine } from '../database.js';

/** One row for each request that a key was used for. */
export function apiKeyUsage(engine: Engine): Migration {
  const types = columnTypes(engine);
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable('api_key_usage')
        .addColumn('id', types.uuid, (c) => c.primaryKey().notNull())
        .addColumn('api_key_id', types.uuid, (c) => c.notNull().references('api_keys.id'))
        .addColumn('endpoint', 'text', (c) => c.notNull())
        .addColumn('timestamp', types.time, (c) => c.notNull())
        .addColumn('response_time_ms', 'integer', (c) => c.notNull())
        .addColumn('status_code', 'integer', (c) => c.notNull())
        .addColumn('bytes_in', types.bigint, (c) => c.notNull().defaultTo(0))
        .addColumn('bytes_out', types.bigint, (c) => c.notNull().defaultTo(0))
        .addColumn('client_ip', 'text')
        .execute();
      await sql`create index api_key_usage_key on api_key_usage (api_key_id, timestamp)`.execute(db);
      await sql`create index api_key_usage_time on api_key_usage (timestamp)`.execute(db);
    },

    async down(db: Kysely<unknown>): Promise<void> {
      await db.schema.dropTable('api_key_usage').execute();
    },
  };
}
