import { bulkhead, type BulkheadPolicy } from 'cockatiel';
import { Kysely, sql, type CompiledQuery, type Dialect, type Transaction } from 'kysely';
import type { DatabaseConfig } from '../config/database.config.js';
import type { Db, Tables } from './database.schema.js';
import { postgresDialect } from './postgres.adapter.js';
import { sqliteDialect } from './sqlite.adapter.js';
import { SqliteReader } from './sqlite-reader.js';

/** Long reads that wait for their turn. */
const MAX_WAITING_READS = 50;

export type Engine = 'sqlite' | 'postgres';
export type ConnectionSettings = Pick<DatabaseConfig, 'url' | 'poolSize' | 'timeoutMs'>;

/** An open database. On SQLite there is one connection: inside a transaction use what it hands over alone. */
export class Database {
  constructor(
    readonly engine: Engine,
    readonly db: Db,
    private readonly long: BulkheadPolicy,
    private readonly reader?: SqliteReader,
  ) {}

  /** Runs work in one transaction; it is undone where the work throws. */
  transaction<T>(work: (db: Transaction<Tables>) => Promise<T>): Promise<T> {
    return this.db.transaction().execute(work);
  }

  /**
   * Runs a query that may read very many rows, without holding up anything else of this process.
   *
   * @throws BulkheadRejectedError where too many wait already
   */
  readMany<T>(query: CompiledQuery<T>): Promise<T[]> {
    return this.long.execute(async () => {
      if (this.reader) return (await this.reader.read(query)) as T[];
      return (await this.db.executeQuery(query)).rows;
    });
  }

  /** @throws where storage does not answer */
  async ping(): Promise<void> {
    await sql`select 1`.execute(this.db);
  }

  async close(): Promise<void> {
    await this.reader?.close();
    await this.db.destroy();
  }
}

/** Engine and, for SQLite, path of a database URL: `sqlite:///relative`, `sqlite:////absolute`, `postgres://…`. */
export function parseDatabaseUrl(url: string): { engine: Engine; path: string } {
  return url.startsWith('sqlite:///')
    ? { engine: 'sqlite', path: url.slice('sqlite:///'.length) }
    : { engine: 'postgres', path: '' };
}

/**
 * Opens a database; connections are made when first needed.
 *
 * @param onIdleError hears of connections that were lost while nobody used them
 */
export function openDatabase(
  settings: ConnectionSettings,
  options: { statementsMs?: number; onIdleError?: (error: Error) => void } = {},
): Database {
  const { engine, path } = parseDatabaseUrl(settings.url);
  const dialect: Dialect =
    engine === 'sqlite'
      ? sqliteDialect(path)
      : postgresDialect(
          settings,
          { statementsMs: options.statementsMs ?? settings.timeoutMs },
          options.onIdleError ?? (() => {}),
        );
  const reader = engine === 'sqlite' ? new SqliteReader(path) : undefined;
  // Half of the connections stay for what does not take long.
  const long = bulkhead(Math.max(1, Math.floor(settings.poolSize / 2)), MAX_WAITING_READS);
  return new Database(engine, new Kysely<Tables>({ dialect }), long, reader);
}
