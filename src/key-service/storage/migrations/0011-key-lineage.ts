import { sql, type Kysely, type Migration } from 'kysely';
import { columnTypes } from '../column-types.js';
import type { Engine } from '../database.js';

const TEXTS = ['description', 'created_by', 'revoked_by', 'revoke_reason'] as const;

/** Where a key comes from and why it ended, for people; what the audit log knows of it already is copied. */
export function keyLineage(engine: Engine): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      for (const column of TEXTS) await db.schema.alterTable('api_keys').addColumn(column, 'text').execute();
      await db.schema.alterTable('api_keys').addColumn('rotated_from_id', columnTypes(engine).uuid).execute();
      await sql`create index api_keys_rotated on api_keys (rotated_to_id) where rotated_to_id is not null`.execute(
        db,
      );
      await sql`update api_keys set rotated_from_id = (
        select old.id from api_keys as old where old.rotated_to_id = api_keys.id)`.execute(db);
      const actorOf = (...actions: string[]) => sql`(
        select actor from audit_log where key_id = cast(api_keys.id as text)
        and action in (${sql.join(actions.map((action) => sql.lit(action)))}) order by seq limit 1)`;
      await sql`update api_keys set created_by = ${actorOf('key.created', 'key.imported')},
        revoked_by = ${actorOf('key.revoked')}`.execute(db);
    },

    async down(db: Kysely<unknown>): Promise<void> {
      await sql`drop index api_keys_rotated`.execute(db);
      for (const column of [...TEXTS, 'rotated_from_id'])
        await db.schema.alterTable('api_keys').dropColumn(column).execute();
    },
  };
}
