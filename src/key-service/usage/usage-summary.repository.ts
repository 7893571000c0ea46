import { Injectable } from '@nestjs/common';
import { sql, type RawBuilder, type SqlBool } from 'kysely';
import type { UsageSummaryRow, UsageSummedUp } from '../../contracts/usage/usage.js';
import { Database } from '../storage/database.js';
import { periodStart } from './sums/period-start.js';
import type { UsageRange } from './usage-range.js';

export interface UsageFilter {
  keyId?: string | undefined;
  serviceId?: string | undefined;
}

/** Sums over all that a summary is about. */
export type UsageTotals = UsageSummedUp;

export interface UsageRows {
  totals: UsageTotals;
  /** In the order of time, key and endpoint. */
  rows: UsageSummaryRow[];
}

type Column = keyof UsageSummaryRow | `all_${keyof UsageTotals}`;

/** Sums over `api_key_usage`. Percentiles are the nearest rank: a time that a request really took. */
@Injectable()
export class UsageSummaryRepository {
  constructor(private readonly database: Database) {}

  /** A row for each key, endpoint and period in which there was a request; the `limit` with most requests. */
  async rows(range: UsageRange, filter: UsageFilter, limit: number): Promise<UsageRows> {
    const percentile = (percent: number): RawBuilder<unknown> =>
      sql`max(case when place = (total * ${sql.lit(percent)} + 99) / 100 then response_time_ms end)`;
    const query = sql<Record<Column, unknown>>`
      with used as (
        select api_key_id, endpoint, ${periodStart(this.database.engine, range.period)} as period_start,
          response_time_ms, status_code, bytes_in, bytes_out, source
        from api_key_usage where ${inRange(range, filter)}
      ),
      placed as (
        select used.*,
          row_number() over (partition by api_key_id, endpoint, period_start order by response_time_ms) as place,
          count(*) over (partition by api_key_id, endpoint, period_start) as total
        from used
      ),
      summed as (
        select api_key_id as key_id, endpoint, period_start, count(*) as requests,
          sum(case when source = 'session' then 1 else 0 end) as session_requests,
          sum(case when status_code >= 400 then 1 else 0 end) as errors,
          ${percentile(50)} as response_time_ms_p50,
          ${percentile(95)} as response_time_ms_p95,
          ${percentile(99)} as response_time_ms_p99,
          ${sumOf('bytes_in')}, ${sumOf('bytes_out')}
        from placed group by api_key_id, endpoint, period_start
      ),
      largest as (
        select summed.*, count(*) over () as all_rows, ${overAll('requests')}, ${overAll('session_requests')},
          ${overAll('errors')}, ${overAll('bytes_in')}, ${overAll('bytes_out')}
        from summed order by requests desc, period_start, key_id, endpoint limit ${limit}
      )
      select * from largest order by period_start, key_id, endpoint
    `.compile(this.database.db);
    const rows = await this.database.readMany(query);
    return { totals: totalsOf(rows[0]), rows: rows.map(toRow) };
  }

  /** The last use of each key by an address that is known. */
  async lastAddresses(keyIds: readonly string[]): Promise<Map<string, { address: string; at: string }>> {
    const found = new Map<string, { address: string; at: string }>();
    for (const keyId of keyIds) {
      const row = await this.database.reads
        .selectFrom('api_key_usage')
        .select(['client_ip', 'timestamp'])
        .where('api_key_id', '=', keyId)
        .where('client_ip', 'is not', null)
        .orderBy('timestamp', 'desc')
        .limit(1)
        .executeTakeFirst();
      if (row) found.set(keyId, { address: String(row.client_ip), at: row.timestamp });
    }
    return found;
  }

  /** Addresses that used a key in the range, latest first. */
  async lastUsedBy(
    keyId: string,
    range: UsageRange,
    limit: number,
  ): Promise<{ address: string; at: string }[]> {
    const query = this.database.db
      .selectFrom('api_key_usage')
      .select((eb) => ['client_ip', eb.fn.max('timestamp').as('at')])
      .where('client_ip', 'is not', null)
      .where(inRange(range, { keyId }))
      .groupBy('client_ip')
      .orderBy('at', 'desc')
      .limit(limit)
      .compile();
    const rows = await this.database.readMany(query);
    return rows.map(({ client_ip, at }) => ({ address: String(client_ip), at }));
  }
}

function inRange(range: UsageRange, filter: UsageFilter): RawBuilder<SqlBool> {
  const { keyId, serviceId } = filter;
  return sql<SqlBool>`timestamp >= ${range.from} and timestamp < ${range.to}
    ${keyId === undefined ? sql`` : sql`and api_key_id = ${keyId}`}
    ${serviceId === undefined ? sql`` : sql`and api_key_id in (select id from api_keys where service_id = ${serviceId})`}`;
}

function toRow(row: Record<Column, unknown>): UsageSummaryRow {
  return {
    key_id: String(row.key_id),
    endpoint: String(row.endpoint),
    period_start: String(row.period_start),
    requests: Number(row.requests),
    session_requests: Number(row.session_requests),
    errors: Number(row.errors),
    response_time_ms_p50: Number(row.response_time_ms_p50),
    response_time_ms_p95: Number(row.response_time_ms_p95),
    response_time_ms_p99: Number(row.response_time_ms_p99),
    bytes_in: Number(row.bytes_in),
    bytes_out: Number(row.bytes_out),
  };
}

/** Every row has the totals; without a row there was no request. */
function totalsOf(row: Record<Column, unknown> | undefined): UsageTotals {
  return {
    rows: Number(row?.all_rows ?? 0),
    requests: Number(row?.all_requests ?? 0),
    session_requests: Number(row?.all_session_requests ?? 0),
    errors: Number(row?.all_errors ?? 0),
    bytes_in: Number(row?.all_bytes_in ?? 0),
    bytes_out: Number(row?.all_bytes_out ?? 0),
  };
}

/** Sum of a column over all rows, also those that do not fit into the answer. */
function overAll(column: Exclude<keyof UsageTotals, 'rows'>): RawBuilder<unknown> {
  return sql`sum(${sql.ref(column)}) over () as ${sql.ref(`all_${column}`)}`;
}

/** As doubles, exact up to 2^53 like every number in JSON: SQLite fails where a sum does not fit 64 bits. */
function sumOf(column: 'bytes_in' | 'bytes_out'): RawBuilder<unknown> {
  return sql`sum(cast(${sql.ref(column)} as double precision)) as ${sql.ref(column)}`;
}
