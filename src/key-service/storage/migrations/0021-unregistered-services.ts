import type { Kysely, Migration } from 'kysely';
import { columnTypes } from '../column-types.js';
import type { Engine } from '../database.js';

/** What services that are not registered were asked for, by all replicas together. */
export function unregisteredServices(engine: Engine): Migration {
  const { time, bigint, uuid } = columnTypes(engine);
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable('unregistered_services')
        .addColumn('service_id', 'text', (c) => c.notNull().primaryKey())
        .addColumn('validations', bigint, (c) => c.notNull())
        .addColumn('first_at', time, (c) => c.notNull())
        .addColumn('last_at', time, (c) => c.notNull())
        .addColumn('last_key_id', uuid, (c) => c.notNull())
        .execute();
    },

    async down(db: Kysely<unknown>): Promise<void> {
      await db.schema.dropTable('unregistered_services').execute();
    },
  };
}
