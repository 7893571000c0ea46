import { sql, type Kysely, type Migration } from 'kysely';
import { columnTypes } from '../column-types.js';
import type { Engine } from '../database.js';

/** What gateways are still to be told: one row for each change and gateway, until it is delivered. */
export function invalidationOutbox(engine: Engine): Migration {
  const types = columnTypes(engine);
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable('invalidation_outbox')
        .addColumn('id', types.serial, (c) => c.primaryKey().notNull())
        .addColumn('key_id', 'text', (c) => c.notNull())
        .addColumn('url', 'text', (c) => c.notNull())
        .addColumn('created_at', types.time, (c) => c.notNull())
        .addColumn('due_at', types.time, (c) => c.notNull())
        .addColumn('attempts', 'integer', (c) => c.notNull())
        .execute();
      await sql`create index invalidation_outbox_due on invalidation_outbox (url, due_at)`.execute(db);
    },

    async down(db: Kysely<unknown>): Promise<void> {
      await db.schema.dropTable('invalidation_outbox').execute();
    },
  };
}
