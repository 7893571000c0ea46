import { sql, type Kysely, type Migration } from 'kysely';

/** One row: the oldest schema version whose program can still work on this database. */
export function schemaCompatibility(): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable('schema_compatibility')
        .addColumn('id', 'integer', (c) =>
          c
            .primaryKey()
            .notNull()
            .check(sql`id = 1`),
        )
        .addColumn('min_reader', 'integer', (c) => c.notNull())
        .execute();
      await sql`insert into schema_compatibility (id, min_reader) values (1, 1)`.execute(db);
    },

    async down(db: Kysely<unknown>): Promise<void> {
      await db.schema.dropTable('schema_compatibility').execute();
    },
  };
}
