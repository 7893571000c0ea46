import type { Kysely, Migration } from 'kysely';
import { columnTypes } from '../column-types.js';
import type { Engine } from '../database.js';

/** Sessions of the console that were ended by a sign-out, until they would have ended by themselves. */
export function endedConsoleSessions(engine: Engine): Migration {
  const types = columnTypes(engine);
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable('ended_console_sessions')
        .addColumn('id', types.uuid, (c) => c.primaryKey())
        .addColumn('ends_at', types.time, (c) => c.notNull())
        .execute();
    },

    async down(db: Kysely<unknown>): Promise<void> {
      await db.schema.dropTable('ended_console_sessions').execute();
    },
  };
}
