import type { Kysely, Migration } from 'kysely';

/** What a request came with; null where the reporter did not say, and for all that was reported before. */
export function usageSource(): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema.alterTable('api_key_usage').addColumn('source', 'text').execute();
    },

    async down(db: Kysely<unknown>): Promise<void> {
      await db.schema.alterTable('api_key_usage').dropColumn('source').execute();
    },
  };
}
