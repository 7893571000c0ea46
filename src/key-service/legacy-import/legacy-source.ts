import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import { parseDatabaseUrl } from '../storage/database.js';
import type { LegacyRow } from './legacy-row.js';

const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Reads the old `api_keys` table, all of it: a table that was searched by bcrypt comparisons is small. Nothing
 * is written to it.
 *
 * @throws where the database or the table is not there
 */
export async function readLegacyTable(url: string): Promise<LegacyRow[]> {
  const { engine, path } = parseDatabaseUrl(url);
  return engine === 'sqlite' ? readSqlite(path) : readPostgres(url);
}

function readSqlite(path: string): LegacyRow[] {
  if (!existsSync(path)) throw new Error('the SQLite file of the old tables does not exist');
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    return database.prepare('select * from api_keys').all();
  } finally {
    database.close();
  }
}

/** Rows as JSON, so that times come as strings for any column type and session time zone. */
async function readPostgres(url: string): Promise<LegacyRow[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  await client.connect();
  try {
    const { rows } = await client.query<{ row: LegacyRow }>('select to_jsonb(api_keys) as row from api_keys');
    return rows.map(({ row }) => row);
  } finally {
    await client.end();
  }
}
