import { Kysely, sql, type Dialect, type Transaction } from 'kysely';
import type { DatabaseConfig } from '../config/database.config.js';
import type { Db, Tables } from './database.schema.js';
import { postgresDialect } from './postgres.adapter.js';
import { sqliteDialect } from './sqlite.adapter.js';

export type Engine = 'sqlite' | 'postgres';
export type ConnectionSettings = Pick<DatabaseConfig, 'url' | 'poolSize' | 'timeoutMs'>;

/** An open database. On SQLite there is one connection: inside a transaction use what it hands over alone. */
export class Database {
  constructor(
    readonly engine: Engine,
    readonly db: Db,
  ) {}

  /** Runs work in one transaction; it is undone where the work throws. */
  transaction<T>(work: (db: Transaction<Tables>) => Promise<T>): Promise<T> {
    return this.db.transaction().execute(work);
  }

  /** @throws where storage does not answer */
  async ping(): Promise<void> {
    await sql`select 1`.execute(this.db);
  }

  close(): Promise<void> {
    return this.db.destroy();
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
  return new Database(engine, new Kysely<Tables>({ dialect }));
}
