import { sql, type Kysely, type Migration } from 'kysely';
import { columnTypes } from '../column-types.js';
import type { Engine } from '../database.js';

/** What keys used by the day, as gateways report it: scopes, and the things that requests were decided by. */
export function usageResources(engine: Engine): Migration {
  const types = columnTypes(engine);
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable('usage_by_resource')
        .addColumn('api_key_id', types.uuid, (c) => c.notNull())
        .addColumn('period_start', types.time, (c) => c.notNull())
        .addColumn('kind', 'text', (c) => c.notNull())
        .addColumn('resource_id', 'text', (c) => c.notNull())
        .addColumn('name', 'text', (c) => c.notNull())
        .addColumn('level', 'text', (c) => c.notNull())
        .addColumn('requests', types.bigint, (c) => c.notNull())
        .addColumn('last_used_at', types.time, (c) => c.notNull())
        .addPrimaryKeyConstraint('usage_by_resource_key', [
          'api_key_id',
          'period_start',
          'kind',
          'resource_id',
          'name',
          'level',
        ])
        .execute();
      await sql`create index usage_by_resource_time on usage_by_resource (period_start)`.execute(db);
    },

    async down(db: Kysely<unknown>): Promise<void> {
      await db.schema.dropTable('usage_by_resource').execute();
    },
  };
}
