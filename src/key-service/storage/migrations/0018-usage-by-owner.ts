import { sql, type Kysely, type Migration } from 'kysely';
import { columnTypes } from '../column-types.js';
import type { Engine } from '../database.js';

/**
 * Sums of usage by the owner of the keys, because those of thousands of keys are too many to be added up for each
 * chart. What was summed up before goes to who owns the keys now.
 */
export function usageByOwner(engine: Engine): Migration {
  const { time, bigint } = columnTypes(engine);
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable('usage_by_owner')
        .addColumn('period', 'text', (c) => c.notNull())
        .addColumn('period_start', time, (c) => c.notNull())
        .addColumn('user_id', 'text', (c) => c.notNull())
        .addColumn('service_id', 'text', (c) => c.notNull())
        .addColumn('answered', bigint, (c) => c.notNull())
        .addColumn('client_error', bigint, (c) => c.notNull())
        .addColumn('limited', bigint, (c) => c.notNull())
        .addColumn('server_error', bigint, (c) => c.notNull())
        .addColumn('bytes_in', 'double precision', (c) => c.notNull())
        .addColumn('bytes_out', 'double precision', (c) => c.notNull())
        .addPrimaryKeyConstraint('usage_by_owner_key', ['period', 'user_id', 'period_start', 'service_id'])
        .execute();
      await sql`insert into usage_by_owner
        select period, period_start, coalesce(user_id, ''), service_id, sum(answered), sum(client_error),
          sum(limited), sum(server_error), sum(bytes_in), sum(bytes_out)
        from usage_by_key join api_keys on api_keys.id = usage_by_key.api_key_id
        group by period, period_start, coalesce(user_id, ''), service_id`.execute(db);
      await sql`create index usage_by_owner_time on usage_by_owner (period, period_start)`.execute(db);
    },

    async down(db: Kysely<unknown>): Promise<void> {
      await db.schema.dropTable('usage_by_owner').execute();
    },
  };
}
