import { sql } from 'kysely';
import type { Database, Engine } from './database.js';
import { SCHEMA_VERSION } from './migrations.js';

export interface DatabaseFacts {
  engine: Engine;
  /** Of the engine, such as `18.4`. */
  version: string;
  sizeBytes: number;
  /** Number of the newest migration that this program knows. */
  schema: number;
}

/** What a database says of itself. */
export async function databaseFacts({ engine, reads }: Database): Promise<DatabaseFacts> {
  const query =
    engine === 'sqlite'
      ? sql<Answer>`select sqlite_version() as version, page_count * page_size as size
          from pragma_page_count(), pragma_page_size()`
      : sql<Answer>`select current_setting('server_version') as version,
          pg_database_size(current_database()) as size`;
  const { rows } = await query.execute(reads);
  const { version = '', size = 0 } = rows[0] ?? {};
  return { engine, version, sizeBytes: Number(size), schema: SCHEMA_VERSION };
}

interface Answer {
  version: string;
  size: number | string;
}
