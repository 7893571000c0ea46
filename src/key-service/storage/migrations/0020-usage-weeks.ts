import type { Kysely, Migration } from 'kysely';
import { columnTypes } from '../column-types.js';
import type { Engine } from '../database.js';

/**
 * The weeks whose sums by key are in `usage_by_key`, so that the largest keys of a month are found in a third of the rows.
 * They are made of the sums of days, by the program: an empty table is no fault.
 */
export function usageWeeks(engine: Engine): Migration {
  const { time, bigint } = columnTypes(engine);
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable('usage_weeks')
        .addColumn('period_start', time, (c) => c.notNull().primaryKey())
        .addColumn('requests', bigint, (c) => c.notNull())
        .execute();
    },

    async down(db: Kysely<unknown>): Promise<void> {
      await db.schema.dropTable('usage_weeks').execute();
      await db
        .withTables<{ usage_by_key: { period: string } }>()
        .deleteFrom('usage_by_key')
        .where('period', '=', 'week')
        .execute();
    },
  };
}
