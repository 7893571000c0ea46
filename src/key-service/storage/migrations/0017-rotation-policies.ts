import { sql, type Kysely, type Migration } from 'kysely';
import { columnTypes } from '../column-types.js';
import type { Engine } from '../database.js';

/** After how long keys are replaced, and the successors that are on their way to whoever keeps them. */
export function rotationPolicies(engine: Engine): Migration {
  const types = columnTypes(engine);
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable('rotation_policies')
        .addColumn('id', types.uuid, (c) => c.primaryKey().notNull())
        .addColumn('subject', 'text', (c) => c.notNull().unique())
        .addColumn('rank', 'integer', (c) => c.notNull())
        .addColumn('key_id', types.uuid)
        .addColumn('service_id', 'text')
        .addColumn('environment', 'text')
        .addColumn('max_age_days', 'integer', (c) => c.notNull())
        .addColumn('overlap_seconds', 'integer', (c) => c.notNull())
        .addColumn('delivery', 'text')
        .addColumn('secret_id', 'text')
        .addColumn('description', 'text')
        .addColumn('created_at', types.time, (c) => c.notNull())
        .addColumn('created_by', 'text', (c) => c.notNull())
        .execute();
      await db.schema
        .createTable('key_rotations')
        .addColumn('id', types.uuid, (c) => c.primaryKey().notNull())
        .addColumn('policy_id', types.uuid, (c) => c.notNull())
        .addColumn('key_id', types.uuid, (c) => c.notNull())
        .addColumn('successor_id', types.uuid, (c) => c.notNull())
        .addColumn('sealed', 'text')
        .addColumn('created_at', types.time, (c) => c.notNull())
        .addColumn('due_at', types.time, (c) => c.notNull())
        .addColumn('leased_until', types.time)
        .addColumn('attempts', 'integer', (c) => c.notNull())
        .addColumn('last_error', 'text')
        .addColumn('outcome', 'text')
        .addColumn('settled_at', types.time)
        .execute();
      // A key has one successor on its way.
      await sql`create unique index key_rotations_open on key_rotations (key_id) where outcome is null`.execute(
        db,
      );
      await sql`create index key_rotations_successor on key_rotations (successor_id) where outcome is null`.execute(
        db,
      );
      await sql`create index api_keys_rotated_from on api_keys (rotated_from_id) where rotated_from_id is not null`.execute(
        db,
      );
    },

    async down(db: Kysely<unknown>): Promise<void> {
      await sql`drop index api_keys_rotated_from`.execute(db);
      await db.schema.dropTable('key_rotations').execute();
      await db.schema.dropTable('rotation_policies').execute();
    },
  };
}
