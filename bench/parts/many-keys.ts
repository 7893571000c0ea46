import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';

/**
 * Fills the table of keys with copies of one real row, each under an id, a hash and a prefix of its own: a
 * million creations would take an hour, and validation sees no difference.
 */
export interface ManyKeys {
  /** Adds `count` rows, and lets the database look at them. */
  (databaseUrl: string, count: number): Promise<void>;
}

/** Expressions of both engines for what must differ between rows; the hash has the length of a real one. */
const FRESH = {
  sqlite: {
    id: `lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-a' ||
         substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))`,
    key_hash: `hex(randomblob(21)) || 'x'`,
    key_prefix: `substr(key_prefix, 1, 8) || lower(hex(randomblob(2)))`,
  },
  postgres: {
    id: 'gen_random_uuid()',
    key_hash: `md5(random()::text || n) || substr(md5(n || 'x'), 1, 11)`,
    key_prefix: `substr(key_prefix, 1, 8) || substr(md5(n::text), 1, 4)`,
  },
} as const;

function select(engine: keyof typeof FRESH, columns: readonly string[]): string {
  const fresh: Record<string, string> = FRESH[engine];
  return columns.map((column) => fresh[column] ?? column).join(', ');
}

/** @param name of the row that is copied, where it is not just any */
export async function fillSqlite(databaseUrl: string, count: number, name?: string): Promise<void> {
  // A key service that runs on it writes too.
  const db = new DatabaseSync(databaseUrl.replace('sqlite:///', ''), { timeout: 30_000 });
  try {
    const columns = db
      .prepare('select name from pragma_table_info(?)')
      .all('api_keys')
      .map((row) => String(row['name']));
    db.exec('pragma synchronous = off');
    db.prepare(
      `with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < ${Math.trunc(count)}),
            template as materialized (select * from api_keys where name = coalesce(?, name) limit 1)
       insert into api_keys (${columns.join(', ')}) select ${select('sqlite', columns)} from numbers, template`,
    ).run(name ?? null);
    db.exec('pragma wal_checkpoint(truncate); pragma optimize');
  } finally {
    db.close();
  }
}

export const fillPostgres: ManyKeys = async (databaseUrl, count) => {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const found = await client.query<{ name: string }>(
      `select column_name as name from information_schema.columns where table_name = 'api_keys' order by ordinal_position`,
    );
    const columns = found.rows.map(({ name }) => name);
    await client.query('set synchronous_commit = off');
    await client.query(
      `with template as materialized (select * from api_keys limit 1)
       insert into api_keys (${columns.join(', ')})
       select ${select('postgres', columns)} from generate_series(1, ${Math.trunc(count)}) as n, template`,
    );
    await client.query('vacuum analyze api_keys');
    await client.query('checkpoint');
  } finally {
    await client.end();
  }
};
