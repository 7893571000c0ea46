import {
  SqliteDialect,
  SqliteDriver,
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  type QueryResult,
  type SqliteDatabase,
  type SqliteDialectConfig,
} from 'kysely';
import { chmodSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';

type Statement = ReturnType<SqliteDatabase['prepare']>;

/** How long statements wait for another process that is writing. */
const BUSY_TIMEOUT_MS = 2000;
const BUSY_RETRY_EVERY_MS = 20;
const SQLITE_BUSY = 5;
/**
 * There are few different statements, because values are parameters; the bound is needed for lists of varying length.
 */
const MAX_PREPARED = 256;

export interface SqliteOptions {
  /** For reads alone: in WAL mode they wait for no writer. */
  readOnly?: boolean;
  /** Longest wait for another process that is writing; 2 seconds unless given. */
  busyTimeoutMs?: number;
}

/** Kysely's SQLite dialect on `node:sqlite`, in WAL mode, durable at every commit. */
export function sqliteDialect(path: string, options: SqliteOptions = {}): SqliteDialect {
  const { readOnly = false, busyTimeoutMs = BUSY_TIMEOUT_MS } = options;
  return new PatientDialect(
    { database: async () => (readOnly ? openForReading(path) : openSqlite(path)) },
    busyTimeoutMs,
  );
}

/** SQLite's own wait for a lock would block the whole process, validations too. This wait does not. */
class PatientDialect extends SqliteDialect {
  constructor(
    private readonly settings: SqliteDialectConfig,
    private readonly busyTimeoutMs: number,
  ) {
    super(settings);
  }

  override createDriver(): Driver {
    return new PatientDriver(this.settings, this.busyTimeoutMs);
  }
}

class PatientDriver extends SqliteDriver {
  /** When statements began to find the lock taken; those that come much later do not wait again. */
  private busySinceMs: number | undefined;

  constructor(
    settings: SqliteDialectConfig,
    private readonly busyTimeoutMs: number,
  ) {
    super(settings);
  }

  override async acquireConnection(): Promise<DatabaseConnection> {
    const connection = await super.acquireConnection();
    return {
      executeQuery: <R>(query: CompiledQuery) => this.patiently(() => connection.executeQuery<R>(query)),
      streamQuery: (query: CompiledQuery, chunkSize?: number) => connection.streamQuery(query, chunkSize),
    };
  }

  /** After a write that the disk refused, SQLite has already rolled back; the error to report is that of the write. */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    try {
      await super.rollbackTransaction(connection);
    } catch (error) {
      if (!(error as Error).message.includes('no transaction is active')) throw error;
    }
  }

  private async patiently<R>(run: () => Promise<QueryResult<R>>): Promise<QueryResult<R>> {
    for (;;) {
      try {
        const result = await run();
        this.busySinceMs = undefined;
        return result;
      } catch (error) {
        if (!isBusy(error)) throw error;
        this.busySinceMs ??= performance.now();
        if (performance.now() - this.busySinceMs >= this.busyTimeoutMs) throw error;
        await delay(BUSY_RETRY_EVERY_MS);
      }
    }
  }
}

export function isBusy(error: unknown): boolean {
  const { errcode } = error as { errcode?: unknown };
  return typeof errcode === 'number' && (errcode & 0xff) === SQLITE_BUSY;
}

function openSqlite(path: string): SqliteDatabase {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(path, { timeout: 0 });
  // The file holds hashes and the audit log: nobody else on the machine needs to read it.
  chmodSync(path, 0o600);
  try {
    database.exec('pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on');
  } catch (error) {
    database.close();
    throw error;
  }
  return prepared(database);
}

function openForReading(path: string): SqliteDatabase {
  return prepared(new DatabaseSync(path, { readOnly: true, timeout: 0 }));
}

function prepared(database: DatabaseSync): SqliteDatabase {
  const statements = new Map<string, Statement>();
  return {
    close: () => database.close(),
    prepare: (sql) => {
      let statement = statements.get(sql);
      if (!statement) {
        if (statements.size >= MAX_PREPARED) statements.clear();
        // A deferred transaction that reads first and then writes fails at once if another process wrote between.
        statement = adapt(database.prepare(sql === 'begin' ? 'begin immediate' : sql));
        statements.set(sql, statement);
      }
      return statement;
    },
  };
}

function adapt(statement: StatementSync): Statement {
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...bindable(parameters)),
    run: (parameters) => statement.run(...bindable(parameters)),
    iterate: (parameters) => statement.iterate(...bindable(parameters)),
  };
}

/** SQLite has no booleans. */
function bindable(parameters: readonly unknown[]): SQLInputValue[] {
  return parameters.map((value) => (typeof value === 'boolean' ? Number(value) : value) as SQLInputValue);
}
