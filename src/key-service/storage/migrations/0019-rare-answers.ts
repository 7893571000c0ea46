import { sql, type Kysely, type Migration } from 'kysely';

/** Indexes of the sums with answers that are rare, so that "which keys were limited" reads those alone. */
export function rareAnswers(): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      for (const status of ['limited', 'server_error'])
        await sql`create index ${sql.ref(`usage_by_key_${status}`)} on usage_by_key (period, period_start)
          where ${sql.ref(status)} > 0`.execute(db);
    },

    async down(db: Kysely<unknown>): Promise<void> {
      for (const status of ['limited', 'server_error'])
        await sql`drop index ${sql.ref(`usage_by_key_${status}`)}`.execute(db);
    },
  };
}
