import { sql, type Kysely, type Migration } from 'kysely';
import { columnTypes } from '../column-types.js';
import type { Engine } from '../database.js';

/** What administrators were, and are still to be, warned of: one row for each key and occasion. */
export function keyNotices(engine: Engine): Migration {
  const types = columnTypes(engine);
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable('key_notices')
        .addColumn('id', types.uuid, (c) => c.notNull().unique())
        .addColumn('key_id', types.uuid, (c) => c.notNull())
        .addColumn('notice', 'text', (c) => c.notNull())
        .addColumn('about', types.time, (c) => c.notNull())
        .addColumn('created_at', types.time, (c) => c.notNull())
        .addColumn('due_at', types.time)
        .addColumn('attempts', 'integer', (c) => c.notNull())
        .addColumn('delivered_at', types.time)
        .addPrimaryKeyConstraint('key_notices_key', ['key_id', 'notice', 'about'])
        .execute();
      await sql`create index key_notices_due on key_notices (due_at) where due_at is not null`.execute(db);
    },

    async down(db: Kysely<unknown>): Promise<void> {
      await db.schema.dropTable('key_notices').execute();
    },
  };
}
