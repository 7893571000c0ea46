import { PostgresDialect } from 'kysely';
import pg from 'pg';
import type { DatabaseConfig } from '../config/database.config.js';

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

/**
 * Kysely's PostgreSQL dialect on a bounded pool.
 *
 * @param limits.statementsMs longest run of a statement; 0 is no limit
 * @param onIdleError hears of connections that were lost while nobody used them
 */
export function postgresDialect(
  config: Pick<DatabaseConfig, 'url' | 'poolSize' | 'timeoutMs'>,
  limits: { statementsMs: number },
  onIdleError: (error: Error) => void,
): PostgresDialect {
  const pool = new Pool({
    connectionString: config.url,
    max: config.poolSize,
    connectionTimeoutMillis: config.timeoutMs,
    statement_timeout: limits.statementsMs,
    query_timeout: limits.statementsMs,
    // A replica that freezes in the middle of a change would lock all others out of the audit log.
    idle_in_transaction_session_timeout: 2 * limits.statementsMs,
    application_name: 'mlflow-key-service',
    types: { getTypeParser: parserOf },
  });
  // A connection lost while idle is replaced at the next use; unheard, its error would end the process.
  pool.on('error', onIdleError);
  // The same for one lost in use, where the pool does not listen: the query under way fails and tells its caller.
  pool.on('connect', (client) => client.on('error', () => {}));
  return new PostgresDialect({ pool });
}
