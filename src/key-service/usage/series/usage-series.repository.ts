import { Injectable } from '@nestjs/common';
import { sql, type RawBuilder } from 'kysely';
import {
  USAGE_STATUSES,
  type UsageGrouping,
  type UsageStatus,
} from '../../../contracts/usage/usage-series.js';
import { Database } from '../../storage/database.js';
import type { UsageSums } from '../../storage/database.schema.js';
import { periodStart } from '../sums/period-start.js';
import { partsOf, type Part } from './usage-parts.js';
import type { SeriesRange } from './usage-series.range.js';
import { UsageWeeksRepository } from '../sums/usage-weeks.repository.js';

export interface SeriesFilter {
  keyId?: string | undefined;
  userId?: string | undefined;
  serviceId?: string | undefined;
}

/** How requests are grouped; by status they are in the sums already. */
export type Group = Exclude<UsageGrouping, 'status'>;

export interface SeriesQuery {
  range: SeriesRange;
  filter: SeriesFilter;
  /** Counted in groups; undefined: all. */
  status: UsageStatus | undefined;
}

/** Sums of one period. */
export type PeriodSums = UsageSums & { period_start: string };

export interface RankedGroups {
  /** Largest first; null is what has no user. */
  groups: (string | null)[];
  /** How many there are in all. */
  count: number;
}

/**
 * Reads usage over time from the smallest table that knows the answer: sums by endpoint, by owner or by key, or single
 * requests for minutes and for endpoints of one key or user. Usage belongs to the owner at the time of the request.
 * Only lists of an owner's keys and endpoints use the present owner.
 */
@Injectable()
export class UsageSeriesRepository {
  constructor(
    private readonly database: Database,
    private readonly weeks: UsageWeeksRepository,
  ) {}

  /** Sums of every period with a request, of what the groups are parts of. */
  async sums(by: UsageGrouping, query: SeriesQuery): Promise<PeriodSums[]> {
    const total = query.filter.userId !== undefined && (by === 'key' || by === 'endpoint') ? 'key' : 'status';
    const sums = sql.join(SUMMED.map((column) => sql`sum(${sql.ref(column)}) as ${sql.ref(column)}`));
    const rows = await this.read<Record<keyof PeriodSums, unknown>>(sql`
      select period_start, ${sums} from (${this.source(total, { ...query, status: undefined })}) as used
      group by period_start order by period_start`);
    return rows.map((row) => ({
      period_start: String(row.period_start),
      ...(Object.fromEntries(SUMMED.map((column) => [column, Number(row[column])])) as unknown as UsageSums),
    }));
  }

  /** The groups with most requests. */
  async ranked(by: Group, query: SeriesQuery, limit: number): Promise<RankedGroups> {
    const rows = await this.read<{ grp: string | null; groups: unknown }>(sql`
      select grp, count(*) over () as groups from (
        select grp, sum(${counted(query.status)}) as requests
        from (${await this.sourceOfRanks(by, query)}) as used group by grp
      ) as counts where requests > 0 order by requests desc, grp limit ${limit}`);
    return { groups: rows.map(({ grp }) => grp || null), count: Number(rows[0]?.groups ?? 0) };
  }

  /** Requests of some groups by period. */
  async points(
    by: Group,
    query: SeriesQuery,
    groups: readonly (string | null)[],
  ): Promise<{ grp: string | null; period_start: string; requests: number }[]> {
    const rows = await this.read<{ grp: string | null; period_start: string; requests: unknown }>(sql`
      select grp, period_start, sum(${counted(query.status)}) as requests
      from (${this.source(by, query, { groups })}) as used group by grp, period_start`);
    return rows.map((row) => ({ ...row, grp: row.grp || null, requests: Number(row.requests) }));
  }

  private read<Row>(query: RawBuilder<unknown>): Promise<Row[]> {
    return this.database.readMany((query as RawBuilder<Row>).compile(this.database.db));
  }

  /** Whole days, and whole weeks of keys, are taken from their own sums: they are a small part of those of hours. */
  private async sourceOfRanks(by: Group, query: SeriesQuery): Promise<RawBuilder<unknown>> {
    const { range, filter } = query;
    const table = tableOf(by, range, filter);
    if (table !== 'usage_by_key' && table !== 'usage_by_owner') return this.source(by, query);
    const weeks = table === 'usage_by_key' ? await this.weeks.within(range) : [];
    return sql.join(
      partsOf(range, weeks).map((part) => this.source(by, query, { part })),
      sql` union all `,
    );
  }

  /** Rows with `grp`, `period_start` and the sums, several for one group and period. */
  private source(
    by: UsageGrouping,
    { range, filter, status }: SeriesQuery,
    { groups, part = range }: { groups?: readonly (string | null)[]; part?: Part | SeriesRange } = {},
  ): RawBuilder<unknown> {
    const table = tableOf(by, range, filter);
    const group = GROUPS[table][by];
    const conditions = [
      table === 'api_key_usage'
        ? sql`used.timestamp >= ${range.from} and used.timestamp < ${range.to}`
        : sql`used.period = ${part.period} and used.period_start >= ${part.from} and used.period_start < ${part.to}`,
      ...conditionsOf(filter, table),
      // Few sums have answers of one kind: there are indexes for the rare ones.
      ...(status !== undefined && table !== 'api_key_usage' ? [sql`${sql.ref(`used.${status}`)} > 0`] : []),
      ...(groups ? [oneOf(group, table === 'usage_by_owner' ? groups.map((one) => one ?? '') : groups)] : []),
    ];
    const start =
      table === 'api_key_usage'
        ? periodStart(this.database.engine, range.period, 'used.timestamp')
        : sql`used.period_start`;
    const byWhatOnlyKeysSay = (by === 'user' || by === 'service') && !OWN_COLUMNS.has(table);
    const keys = byWhatOnlyKeysSay ? sql`join api_keys on api_keys.id = used.api_key_id` : sql``;
    return sql`
      select ${group} as grp, ${start} as period_start, ${sql.join(table === 'api_key_usage' ? OF_A_REQUEST : SUMMED.map((column) => sql.ref(`used.${column}`)))}
      from ${sql.table(table)} as used ${keys}
      where ${sql.join(conditions, sql` and `)}`;
  }
}

type Table = 'usage_by_endpoint' | 'usage_by_owner' | 'usage_by_key' | 'api_key_usage';
/** Tables that have the service, and where it matters the owner, in columns of their own. */
const OWN_COLUMNS: ReadonlySet<Table> = new Set(['usage_by_endpoint', 'usage_by_owner']);

function tableOf(by: UsageGrouping, range: SeriesRange, { keyId, userId }: SeriesFilter): Table {
  const ofKeys = keyId !== undefined || userId !== undefined;
  if (range.period === 'minute' || (by === 'endpoint' && ofKeys)) return 'api_key_usage';
  if (by === 'key' || keyId !== undefined) return 'usage_by_key';
  return by === 'user' || ofKeys ? 'usage_by_owner' : 'usage_by_endpoint';
}

const OF_KEYS = {
  status: sql`null`,
  key: sql`used.api_key_id`,
  user: sql`api_keys.user_id`,
  service: sql`api_keys.service_id`,
};
const GROUPS: Readonly<Record<Table, Record<UsageGrouping, RawBuilder<unknown>>>> = {
  usage_by_endpoint: {
    ...OF_KEYS,
    endpoint: sql`used.endpoint`,
    service: sql`used.service_id`,
  },
  usage_by_owner: {
    ...OF_KEYS,
    endpoint: sql`null`,
    user: sql`used.user_id`,
    service: sql`used.service_id`,
  },
  usage_by_key: { ...OF_KEYS, endpoint: sql`null` },
  api_key_usage: { ...OF_KEYS, endpoint: sql`used.endpoint` },
};

const SUMMED = [...USAGE_STATUSES, 'bytes_in', 'bytes_out'] as const;

const when = (condition: RawBuilder<unknown>): RawBuilder<unknown> =>
  sql`case when ${condition} then 1 else 0 end`;
/** One request as the sums have it. As doubles, because SQLite fails where a sum does not fit 64 bits. */
const OF_A_REQUEST = [
  sql`${when(sql`status_code < 400`)} as answered`,
  sql`${when(sql`status_code >= 400 and status_code < 500 and status_code <> 429`)} as client_error`,
  sql`${when(sql`status_code = 429`)} as limited`,
  sql`${when(sql`status_code >= 500`)} as server_error`,
  sql`cast(bytes_in as double precision) as bytes_in`,
  sql`cast(bytes_out as double precision) as bytes_out`,
];

/** As doubles: PostgreSQL adds up its large integers in arithmetic of any length. */
function counted(status: UsageStatus | undefined): RawBuilder<unknown> {
  const requests =
    status === undefined ? sql`answered + client_error + limited + server_error` : sql.ref(status);
  return sql`cast(${requests} as double precision)`;
}

function conditionsOf({ keyId, userId, serviceId }: SeriesFilter, table: Table): RawBuilder<unknown>[] {
  const keysWhere = (condition: RawBuilder<unknown>): RawBuilder<unknown> =>
    sql`used.api_key_id in (select id from api_keys where ${condition})`;
  return [
    ...(keyId === undefined ? [] : [sql`used.api_key_id = ${keyId}`]),
    ...(userId === undefined
      ? []
      : [table === 'usage_by_owner' ? sql`used.user_id = ${userId}` : keysWhere(sql`user_id = ${userId}`)]),
    ...(serviceId === undefined
      ? []
      : [
          OWN_COLUMNS.has(table)
            ? sql`used.service_id = ${serviceId}`
            : keysWhere(sql`service_id = ${serviceId}`),
        ]),
  ];
}

function oneOf(group: RawBuilder<unknown>, groups: readonly (string | null)[]): RawBuilder<unknown> {
  const names = groups.filter((name) => name !== null);
  const conditions = [
    ...(names.length > 0 ? [sql`${group} in (${sql.join(names)})`] : []),
    ...(names.length < groups.length ? [sql`${group} is null`] : []),
  ];
  return sql`(${sql.join(conditions, sql` or `)})`;
}
