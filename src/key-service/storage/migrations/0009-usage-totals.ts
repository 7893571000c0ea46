import { sql, type CreateTableBuilder, type Kysely, type Migration } from 'kysely';
import { columnTypes } from '../column-types.js';
import type { Engine } from '../database.js';

/**
 * Sums of `api_key_usage` by the hour and by the day, so that charts need not read single requests. `summed` says of a
 * record whether it is in them: what an older program writes is not, and is summed up later.
 */
export function usageTotals(engine: Engine): Migration {
  const types = columnTypes(engine);
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .alterTable('api_key_usage')
        .addColumn('summed', 'boolean', (c) => c.notNull().defaultTo(false))
        .execute();
      await sql`create index api_key_usage_unsummed on api_key_usage (id) where not summed`.execute(db);
      await db.schema
        .createTable('usage_by_endpoint')
        .addColumn('period', 'text', (c) => c.notNull())
        .addColumn('period_start', types.time, (c) => c.notNull())
        .addColumn('service_id', 'text', (c) => c.notNull())
        .addColumn('endpoint', 'text', (c) => c.notNull())
        .$call((table) => withSums(table, types))
        .addPrimaryKeyConstraint('usage_by_endpoint_key', [
          'period',
          'period_start',
          'service_id',
          'endpoint',
        ])
        .execute();
      await db.schema
        .createTable('usage_by_key')
        .addColumn('period', 'text', (c) => c.notNull())
        .addColumn('period_start', types.time, (c) => c.notNull())
        .addColumn('api_key_id', types.uuid, (c) => c.notNull())
        .$call((table) => withSums(table, types))
        .addPrimaryKeyConstraint('usage_by_key_key', ['period', 'api_key_id', 'period_start'])
        .execute();
      await sql`create index usage_by_key_time on usage_by_key (period, period_start)`.execute(db);
    },

    async down(db: Kysely<unknown>): Promise<void> {
      await db.schema.dropTable('usage_by_key').execute();
      await db.schema.dropTable('usage_by_endpoint').execute();
      await sql`drop index api_key_usage_unsummed`.execute(db);
      await db.schema.alterTable('api_key_usage').dropColumn('summed').execute();
    },
  };
}

/** Bytes are doubles: reports may contain numbers whose sum does not fit into an integer. */
function withSums<T extends CreateTable>(table: T, { bigint }: ReturnType<typeof columnTypes>): T {
  let grown: CreateTable = table;
  for (const column of ['answered', 'client_error', 'limited', 'server_error'])
    grown = grown.addColumn(column, bigint, (c) => c.notNull());
  for (const column of ['bytes_in', 'bytes_out'])
    grown = grown.addColumn(column, 'double precision', (c) => c.notNull());
  return grown as T;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the names of columns are of no interest here
type CreateTable = CreateTableBuilder<any, any>;
