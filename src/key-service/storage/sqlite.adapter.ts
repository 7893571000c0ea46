import { SqliteDialect, type SqliteDatabase } from 'kysely';
import { chmodSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';

type Statement = ReturnType<SqliteDatabase['prepare']>;

/** How long a statement waits for another process that is writing. It blocks, so it stays short. */
const BUSY_TIMEOUT_MS = 2000;
/** Texts of statements are few, because values are parameters; the bound is for lists of varying length. */
const MAX_PREPARED = 256;

/** Kysely's SQLite dialect on `node:sqlite`, in WAL mode, durable at every commit. */
export function sqliteDialect(path: string): SqliteDialect {
  return new SqliteDialect({ database: async () => openSqlite(path) });
}

function openSqlite(path: string): SqliteDatabase {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
  // The file holds hashes and the audit log: nobody else on the machine needs to read it.
  chmodSync(path, 0o600);
  try {
    database.exec('pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on');
  } catch (error) {
    database.close();
    throw error;
  }
  const prepared = new Map<string, Statement>();
  return {
    close: () => database.close(),
    prepare: (sql) => {
      let statement = prepared.get(sql);
      if (!statement) {
        if (prepared.size >= MAX_PREPARED) prepared.clear();
        // A deferred transaction that reads first and then writes fails at once if another process wrote between.
        statement = adapt(database.prepare(sql === 'begin' ? 'begin immediate' : sql));
        prepared.set(sql, statement);
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
