import { bulkhead, type BulkheadPolicy } from 'cockatiel';
import { Kysely, sql, type CompiledQuery, type Transaction } from 'kysely';
import type { DatabaseConfig } from '../config/database.config.js';
import type { Db, Tables } from './database.schema.js';
import { limitTransaction, postgresDialect } from './postgres.adapter.js';
import { sqliteDialect } from './sqlite.adapter.js';
import { SqliteReader } from './sqlite-reader.js';
import { isStorageFault } from './storage-fault.js';

/** Long reads that wait for their turn. */
const MAX_WAITING_READS = 50;

/** A SQLite database up to this size is read through in milliseconds: less than the start of a thread costs. */
const SMALL_BYTES = 1024 * 1024;

const FAULT_REMEMBERED_MS = 10_000;

export type Engine = 'sqlite' | 'postgres';
export type ConnectionSettings = Pick<DatabaseConfig, 'url' | 'poolSize' | 'timeoutMs'>;

interface DatabaseParts {
  engine: Engine;
  db: Db;
  /** A connection for short reads that never waits for a writer; `db` itself if the engine does not need one. */
  reads: Db;
  /** What every transaction begins with. */
  beginWith: (db: Db) => Promise<void>;
  long: BulkheadPolicy;
  reader?: SqliteReader | undefined;
  onClosed?: (() => void) | undefined;
}

/** An open database. On SQLite one connection writes: inside a transaction use what it hands over alone. */
export class Database {
  readonly engine: Engine;
  readonly db: Db;
  readonly reads: Db;
  /** When a transaction last failed because of storage, if none has succeeded since. */
  private failedAtMs = -Infinity;

  constructor(private readonly parts: DatabaseParts) {
    ({ engine: this.engine, db: this.db, reads: this.reads } = parts);
  }

  /** Runs work in one transaction; it is undone where the work throws. */
  async transaction<T>(work: (db: Transaction<Tables>) => Promise<T>): Promise<T> {
    try {
      const result = await this.db.transaction().execute(async (db) => {
        await this.parts.beginWith(db);
        return work(db);
      });
      this.failedAtMs = -Infinity;
      return result;
    } catch (error) {
      if (isStorageFault(error)) this.failedAtMs = performance.now();
      throw error;
    }
  }

  /**
   * Runs a query that may read very many rows, without holding up anything else of this process.
   *
   * @throws BulkheadRejectedError where too many wait already
   */
  readMany<T>(query: CompiledQuery<T>): Promise<T[]> {
    const { long, reader } = this.parts;
    return long.execute(async () => {
      if (reader && (reader.isStarted || !(await this.isSmall()))) return (await reader.read(query)) as T[];
      return (await this.reads.executeQuery(query)).rows;
    });
  }

  /** @throws where storage does not take writes: a full disk and a lock let reads pass */
  async ping(): Promise<void> {
    // The write below needs little room. On a disk that is almost full, larger changes fail first, so their failure
    // counts too.
    if (performance.now() - this.failedAtMs < FAULT_REMEMBERED_MS) throw new Error('a transaction failed');
    await this.db
      .updateTable('schema_compatibility')
      .set((eb) => ({ min_reader: eb.ref('min_reader') }))
      .execute();
  }

  /** Of SQLite alone, with what is still in its write-ahead log. */
  private async isSmall(): Promise<boolean> {
    const size = sql<{ bytes: number }>`
      select page_count * page_size as bytes from pragma_page_count(), pragma_page_size()`;
    const { rows } = await size.execute(this.reads);
    return (rows[0]?.bytes ?? Infinity) <= SMALL_BYTES;
  }

  async close(): Promise<void> {
    await this.parts.reader?.close();
    if (this.reads !== this.db) await this.reads.destroy();
    await this.db.destroy();
    this.parts.onClosed?.();
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
 * @param options.unlimited no longest run of statements, and no waiting for another process on SQLite
 * @param options.onIdleError hears of connections that were lost while nobody used them
 */
export function openDatabase(
  settings: ConnectionSettings,
  options: {
    unlimited?: boolean;
    onIdleError?: (error: Error) => void;
    onClosed?: (() => void) | undefined;
  } = {},
): Database {
  const { engine, path } = parseDatabaseUrl(settings.url);
  // Half of the connections stay free for short queries.
  const long = bulkhead(Math.max(1, Math.floor(settings.poolSize / 2)), MAX_WAITING_READS);
  const { unlimited = false, onIdleError = () => {}, onClosed } = options;
  if (engine === 'sqlite') {
    const db = new Kysely<Tables>({ dialect: sqliteDialect(path, unlimited ? { busyTimeoutMs: 0 } : {}) });
    const reads = new Kysely<Tables>({ dialect: sqliteDialect(path, { readOnly: true }) });
    const reader = new SqliteReader(path);
    return new Database({ engine, db, reads, beginWith: async () => {}, long, reader, onClosed });
  }
  const limits = unlimited ? undefined : { statementsMs: settings.timeoutMs };
  const db = new Kysely<Tables>({ dialect: postgresDialect(settings, limits, onIdleError) });
  const beginWith = async (transaction: Db): Promise<void> => {
    if (limits) await limitTransaction(transaction, limits);
  };
  return new Database({ engine, db, reads: db, beginWith, long, onClosed });
}
