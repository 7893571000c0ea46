import type { Kysely, Migration } from 'kysely';
import { columnTypes } from '../column-types.js';
import type { Engine } from '../database.js';

/** What of MLflow a key may use, beside its scopes; null for all keys there are. */
export function keyGrants(engine: Engine): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema.alterTable('api_keys').addColumn('grants', columnTypes(engine).json).execute();
    },

    async down(db: Kysely<unknown>): Promise<void> {
      await db.schema.alterTable('api_keys').dropColumn('grants').execute();
    },
  };
}
