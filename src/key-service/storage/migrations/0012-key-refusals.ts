import { sql, type Kysely, type Migration } from 'kysely';
import { columnTypes } from '../column-types.js';
import type { Engine } from '../database.js';

/** Refused keys as gateways report them: counted by the minute. */
export function keyRefusals(engine: Engine): Migration {
  const types = columnTypes(engine);
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable('key_refusals')
        .addColumn('id', types.uuid, (c) => c.primaryKey().notNull())
        .addColumn('minute', types.time, (c) => c.notNull())
        .addColumn('reason', 'text', (c) => c.notNull())
        .addColumn('network', 'text')
        .addColumn('key_prefix', 'text')
        .addColumn('key_id', 'text')
        .addColumn('refusals', types.bigint, (c) => c.notNull())
        .execute();
      await sql`create index key_refusals_minute on key_refusals (minute)`.execute(db);
    },

    async down(db: Kysely<unknown>): Promise<void> {
      await db.schema.dropTable('key_refusals').execute();
    },
  };
}
