import { sql, type Kysely, type Migration } from 'kysely';

/** Searches and writes a minute of one key; null is the gateway's default. */
export function keyActionLimits(): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      const table = (): ReturnType<typeof db.schema.alterTable> => db.schema.alterTable('api_keys');
      // One column a statement: SQLite adds no more.
      await table()
        .addColumn('searches_per_minute', 'integer', (c) => c.check(sql`searches_per_minute > 0`))
        .execute();
      await table()
        .addColumn('writes_per_minute', 'integer', (c) => c.check(sql`writes_per_minute > 0`))
        .execute();
    },

    async down(db: Kysely<unknown>): Promise<void> {
      await db.schema.alterTable('api_keys').dropColumn('writes_per_minute').execute();
      await db.schema.alterTable('api_keys').dropColumn('searches_per_minute').execute();
    },
  };
}
