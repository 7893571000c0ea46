import { PostgresAdapter, PostgresDialect, sql, type DialectAdapter } from 'kysely';
import pg from 'pg';
import type { DatabaseConfig } from '../config/database.config.js';
import type { Db } from './database.schema.js';

const { Pool, types } = pg;

type Parser = (value: string) => unknown;

const parseTimestamp = types.getTypeParser(types.builtins.TIMESTAMPTZ) as (value: string) => Date;

/** Values in the form that SQLite has them in, so that one set of repositories reads both. */
const PARSERS = new Map<number, Parser>([
  [types.builtins.TIMESTAMPTZ, (value) => parseTimestamp(value).toISOString()],
  [types.builtins.JSONB, (value) => value],
  [types.builtins.INT8, Number],
]);

function parserOf(oid: number, format?: 'text' | 'binary'): Parser {
  return PARSERS.get(oid) ?? (types.getTypeParser(oid, format) as Parser);
}

/** Longest run of statements, and longest pause within a transaction. */
export interface PostgresLimits {
  statementsMs: number;
}

/**
 * Kysely's PostgreSQL dialect on a bounded pool. Limits are set by `SET`, because poolers refuse them as parameters
 * of the connection.
 *
 * @param limits undefined for none, and for no setting that a pooler would keep for its next client
 * @param onIdleError hears of connections that were lost while nobody used them
 */
export function postgresDialect(
  config: Pick<DatabaseConfig, 'url' | 'poolSize' | 'timeoutMs'>,
  limits: PostgresLimits | undefined,
  onIdleError: (error: Error) => void,
): PostgresDialect {
  const pool = new Pool({
    connectionString: config.url,
    max: config.poolSize,
    connectionTimeoutMillis: config.timeoutMs,
    application_name: 'mlflow-key-service',
    types: { getTypeParser: parserOf },
    ...(limits && {
      query_timeout: limits.statementsMs,
      // eslint-disable-next-line @typescript-eslint/no-misused-promises -- the pool waits for it, which its types do not say
      onConnect: async (client) => {
        await client.query(`set statement_timeout = ${limits.statementsMs}`);
        await client.query(`set idle_in_transaction_session_timeout = ${idleMs(limits)}`);
        // Even queries that are large enough for a parallel worker take only 30 ms here: to start one costs more
        // processor time than it saves.
        await client.query('set max_parallel_workers_per_gather = 0');
      },
    }),
  });
  // A connection that is lost while idle is replaced at the next use. Without this listener its error would end the
  // process.
  pool.on('error', onIdleError);
  // The same for a connection that is lost in use, for which the pool has no listener. The query under way fails, so
  // its caller knows.
  pool.on('connect', (client) => client.on('error', () => {}));
  return new Dialect({ pool });
}

/** Sets the limits again for one transaction: behind a pooler it may be on a connection that another client left. */
export async function limitTransaction(db: Db, limits: PostgresLimits): Promise<void> {
  await sql`select set_config('statement_timeout', ${String(limits.statementsMs)}, true),
    set_config('idle_in_transaction_session_timeout', ${String(idleMs(limits))}, true)`.execute(db);
}

/** A replica that freezes in the middle of a change would lock all others out of the audit log. */
function idleMs({ statementsMs }: PostgresLimits): number {
  return 2 * statementsMs;
}

class Dialect extends PostgresDialect {
  override createAdapter(): DialectAdapter {
    return new LockFreeAdapter();
  }
}

/** Kysely's own lock is of a session, which a pooler may change at any time; `migrate` holds one of its transaction. */
class LockFreeAdapter extends PostgresAdapter {
  override async acquireMigrationLock(): Promise<void> {}
  override async releaseMigrationLock(): Promise<void> {}
}
