import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';

/** Days over which the uses lie. */
const DAYS = 30;
const OWNERS = 50;
const ENDPOINTS = 40;

type Engine = 'sqlite' | 'postgres';

/** What both engines say in different words. */
const WORDS: Readonly<
  Record<Engine, Record<'numbers' | 'uuid' | 'random' | 'ago' | 'hour' | 'day' | 'week' | 'monday', string>>
> = {
  sqlite: {
    numbers:
      'with recursive numbers(n) as (select 0 union all select n + 1 from numbers where n < $count - 1)',
    uuid: `lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-a' ||
      substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))`,
    random: '(abs(random()) % 1000000) / 1000000.0',
    ago: `strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-' || $seconds || ' seconds')`,
    hour: `substr(timestamp, 1, 13) || ':00:00.000Z'`,
    day: `substr(timestamp, 1, 10) || 'T00:00:00.000Z'`,
    week: `date(timestamp, 'weekday 0', '-6 days') || 'T00:00:00.000Z'`,
    monday: `date('now', 'weekday 0', '-6 days') || 'T00:00:00.000Z'`,
  },
  postgres: {
    numbers: 'with numbers as (select generate_series(0::bigint, $count - 1) as n)',
    uuid: 'gen_random_uuid()',
    random: 'random()',
    ago: 'now() - make_interval(secs => $seconds)',
    hour: `date_trunc('hour', timestamp, 'UTC')`,
    day: `date_trunc('day', timestamp, 'UTC')`,
    week: `date_trunc('week', timestamp, 'UTC')`,
    monday: `date_trunc('week', now(), 'UTC')`,
  },
};

const SUMS = `
  sum(case when status_code < 400 then 1 else 0 end),
  sum(case when status_code between 400 and 499 and status_code <> 429 then 1 else 0 end),
  sum(case when status_code = 429 then 1 else 0 end), sum(case when status_code >= 500 then 1 else 0 end),
  sum(bytes_in), sum(bytes_out)`;

/**
 * SQL that gives the keys of a database owners and names of their own, and `count` uses over 30 days, with the sums that
 * the key service would have made. All of it stands in the tables in the order of time, as it does where it was written
 * request by request: in any other, a database reads a page for each row.
 */
function statements(engine: Engine, count: number): string[] {
  const words = WORDS[engine];
  const whole = (value: string): string => `cast(${value} as integer)`;
  const seconds = whole(`(${words.random}) * ${DAYS * 86_400}`);
  const sumsOf = (table: string, columns: string, periods: readonly ('hour' | 'day' | 'week')[]): string => `
    insert into ${table} (period, period_start, ${columns}, answered, client_error, limited, server_error, bytes_in, bytes_out)
    ${periods
      .map(
        (period) => `select '${period}', ${words[period]} as start, ${columns}, ${SUMS} from uses
          ${period === 'week' ? `where timestamp < ${words.monday}` : ''} group by ${words[period]}, ${columns}`,
      )
      .join(' union all ')} order by start`;
  return [
    `update api_keys set user_id = 'user ' || ${whole(`(${words.random}) * ${OWNERS}`)}, name = 'key ' || substr(key_hash, 1, 8),
      last_used_at = created_at`,
    `create temp table numbered as select row_number() over () - 1 as place, id, service_id, user_id from api_keys`,
    'create unique index numbered_place on numbered (place)',
    `${words.numbers.replace('$count', String(count))}
     insert into api_key_usage (id, api_key_id, endpoint, timestamp, response_time_ms, status_code, bytes_in, bytes_out,
       client_ip, source, summed)
     select ${words.uuid}, key.id, 'GET /api/2.0/mlflow/endpoint-' || (n % ${ENDPOINTS}),
       ${words.ago.replace('$seconds', seconds)}, n % 500,
       case when n % 50 = 0 then 429 when n % 33 = 0 then 404 when n % 200 = 1 then 503 else 200 end, 100, 1000,
       '10.0.' || (n % 4) || '.' || (n % 200), 'key', true
     from numbers join numbered as key on key.place = (n * 7919) % (select count(*) from numbered) order by 4`,
    `create temp table uses as select use.*, key.service_id, coalesce(key.user_id, '') as user_id
     from api_key_usage as use join numbered as key on key.id = use.api_key_id`,
    sumsOf('usage_by_key', 'api_key_id', ['hour', 'day', 'week']),
    sumsOf('usage_by_owner', 'user_id, service_id', ['hour', 'day']),
    sumsOf('usage_by_endpoint', 'service_id, endpoint', ['hour', 'day']),
    `insert into usage_weeks (period_start, requests)
     select ${words.week}, count(*) from uses where timestamp < ${words.monday} group by ${words.week}`,
    'drop table uses',
    'drop table numbered',
  ];
}

export function useSqlite(databaseUrl: string, count: number): Promise<void> {
  const db = new DatabaseSync(databaseUrl.replace('sqlite:///', ''), { timeout: 30_000 });
  try {
    db.exec('pragma synchronous = off; pragma temp_store = memory');
    for (const statement of statements('sqlite', count)) db.exec(statement);
    db.exec('pragma wal_checkpoint(truncate); pragma optimize');
  } finally {
    db.close();
  }
  return Promise.resolve();
}

export async function usePostgres(databaseUrl: string, count: number): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query('set synchronous_commit = off');
    for (const statement of statements('postgres', count)) await client.query(statement);
    await client.query('vacuum analyze');
    await client.query('checkpoint');
  } finally {
    await client.end();
  }
}
