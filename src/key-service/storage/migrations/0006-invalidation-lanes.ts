import { sql, type Kysely, type Migration } from 'kysely';

/** Keys that have ended get a lane of their own; what an older program adds counts as a change. */
export function invalidationLanes(): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .alterTable('invalidation_outbox')
        .addColumn('lane', 'text', (c) => c.notNull().defaultTo('change'))
        .execute();
      await sql`create index invalidation_outbox_lane on invalidation_outbox (url, lane, due_at)`.execute(db);
    },

    async down(db: Kysely<unknown>): Promise<void> {
      await sql`drop index invalidation_outbox_lane`.execute(db);
      await db.schema.alterTable('invalidation_outbox').dropColumn('lane').execute();
    },
  };
}
