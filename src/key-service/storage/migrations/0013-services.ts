import { sql, type Kysely, type Migration } from 'kysely';
import { columnTypes } from '../column-types.js';
import type { Engine } from '../database.js';

/** Services that keys may be for; those that have keys are registered, and MLflow's own. */
export function services(engine: Engine): Migration {
  const types = columnTypes(engine);
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable('services')
        .addColumn('id', 'text', (c) => c.primaryKey().notNull())
        .addColumn('description', 'text')
        .addColumn('created_at', types.time, (c) => c.notNull())
        .addColumn('created_by', 'text', (c) => c.notNull())
        .execute();
      const now = new Date().toISOString();
      await sql`insert into services (id, created_at, created_by)
        select id, cast(${sql.lit(now)} as ${types.time}), 'migration' from (
          select service_id as id from api_keys union select 'ml-platform' as id
        ) as used`.execute(db);
      // Null is `service_id` alone: what an older program writes, and reads.
      await db.schema.alterTable('api_keys').addColumn('service_ids', types.json).execute();
    },

    async down(db: Kysely<unknown>): Promise<void> {
      await db.schema.alterTable('api_keys').dropColumn('service_ids').execute();
      await db.schema.dropTable('services').execute();
    },
  };
}
