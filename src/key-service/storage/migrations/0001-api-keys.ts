import { sql, type Kysely, type Migration } from 'kysely';
import { columnTypes } from '../column-types.js';
import type { Engine } from '../database.js';

/** The keys, with an index for each way in which they are looked up. */
export function apiKeys(engine: Engine): Migration {
  const types = columnTypes(engine);
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable('api_keys')
        .addColumn('id', types.uuid, (c) => c.primaryKey().notNull())
        .addColumn('key_hash', 'text', (c) => c.notNull().unique())
        .addColumn('hash_algorithm', 'text', (c) =>
          c.notNull().check(sql`hash_algorithm in ('hmac-sha256', 'bcrypt')`),
        )
        .addColumn('key_prefix', 'text', (c) => c.notNull())
        .addColumn('user_id', 'text')
        .addColumn('service_id', 'text', (c) => c.notNull())
        .addColumn('name', 'text', (c) => c.notNull())
        .addColumn('environment', 'text', (c) => c.notNull())
        .addColumn('scopes', types.json, (c) => c.notNull())
        .addColumn('rate_limit_per_hour', 'integer', (c) => c.check(sql`rate_limit_per_hour > 0`))
        .addColumn('burst', 'integer', (c) => c.check(sql`burst > 0`))
        .addColumn('allowed_ips', types.json)
        .addColumn('created_at', types.time, (c) => c.notNull())
        .addColumn('expires_at', types.time)
        .addColumn('last_used_at', types.time)
        .addColumn('revoked_at', types.time)
        .addColumn('is_active', 'boolean', (c) => c.notNull())
        .addColumn('rotated_to_id', types.uuid)
        .execute();
      for (const statement of INDEXES) await sql.raw(statement).execute(db);
    },

    async down(db: Kysely<unknown>): Promise<void> {
      await db.schema.dropTable('api_keys').execute();
    },
  };
}

const INDEXES = [
  'create index api_keys_created on api_keys (created_at, id)',
  'create index api_keys_user on api_keys (user_id, created_at, id)',
  'create index api_keys_service on api_keys (service_id, created_at, id)',
  'create index api_keys_expiring on api_keys (expires_at) where is_active and expires_at is not null',
  "create index api_keys_bcrypt on api_keys (key_prefix) where hash_algorithm = 'bcrypt'",
];
