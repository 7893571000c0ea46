import { Injectable } from '@nestjs/common';
import { sql, type RawBuilder, type SqlBool } from 'kysely';
import type { KeyFacet, KeySort, KeyStatus } from '../../../contracts/keys/key-management.js';
import { fromRow, type KeyRecord } from '../../records/key-record.js';
import { Database } from '../../storage/database.js';
import type { ApiKeysTable } from '../../storage/database.schema.js';
import type { KeyCursor, SortOrder } from './key-cursor.js';

/** Which keys. Several values mean any of them; times are RFC 3339 in UTC. */
export interface KeyFilter {
  search?: string | undefined;
  userIds?: readonly string[] | undefined;
  serviceIds?: readonly string[] | undefined;
  environments?: readonly string[] | undefined;
  statuses?: readonly KeyStatus[] | undefined;
  keyPrefix?: string | undefined;
  /** Whether keys are to be usable now, or not to be. */
  usable?: boolean | undefined;
  expiresBefore?: string | undefined;
  /** The same, of keys that are usable. */
  endsBefore?: string | undefined;
  /** Neither used since nor made since. */
  unusedSince?: string | undefined;
}

export interface KeyListPage {
  limit: number;
  sort: KeySort;
  order: SortOrder;
  after: KeyCursor | undefined;
  /** RFC 3339 in UTC with milliseconds. */
  now: string;
}

export interface KeyCounts {
  total: number;
  active: number;
  rotated: number;
  expired: number;
  revoked: number;
  expiring: number;
  unused: number;
}

export type KeyTally = KeyCounts & { service_id: string; environment: string };

export const MAX_FACETS = 200;

/** Lists of keys, and how many there are. */
@Injectable()
export class KeyListRepository {
  constructor(private readonly database: Database) {}

  /** A page of keys, beginning after the cursor. */
  async page(filter: KeyFilter, page: KeyListPage): Promise<KeyRecord[]> {
    const { sort, order, after } = page;
    const column = sql.ref(`api_keys.${sort}`);
    const direction = sql.raw(order);
    const nullable = sort !== 'created_at' && sort !== 'name';
    const conditions = [...this.conditions(filter, page.now), ...(after ? [behind(after, column)] : [])];
    const rows = await this.database.readMany(
      sql<ApiKeysTable>`select * from api_keys ${where(conditions)}
        order by ${nullable ? sql`(case when ${column} is null then 1 else 0 end),` : sql``}
          ${column} ${direction}, id ${direction}
        limit ${page.limit}`.compile(this.database.db),
    );
    return rows.map(fromRow);
  }

  async count(filter: KeyFilter, now: string): Promise<number> {
    const rows = await this.database.readMany(
      sql<{
        count: unknown;
      }>`select count(*) as count from api_keys ${where(this.conditions(filter, now))}`.compile(
        this.database.db,
      ),
    );
    return Number(rows[0]?.count ?? 0);
  }

  /**
   * How many keys there are of each service and environment: few groups, because services are registered.
   *
   * @param times RFC 3339 in UTC: what ends before the one, and was not used since the other
   */
  async tallies(now: string, times: { endsBefore: string; unusedSince: string }): Promise<KeyTally[]> {
    const of = (condition: RawBuilder<SqlBool>, name: keyof KeyCounts): RawBuilder<unknown> =>
      sql`sum(case when ${condition} then 1 else 0 end) as ${sql.ref(name)}`;
    const usable = STATUS.active(now);
    const columns = [
      sql`count(*) as total`,
      ...(['active', 'rotated', 'expired', 'revoked'] as const).map((name) => of(STATUS[name](now), name)),
      of(sql`${usable} and expires_at is not null and expires_at < ${times.endsBefore}`, 'expiring'),
      of(sql`${usable} and ${unused(times.unusedSince)}`, 'unused'),
    ];
    const rows = await this.database.readMany(
      sql<Record<keyof KeyCounts, unknown> & Pick<KeyTally, 'service_id' | 'environment'>>`
        select service_id, environment, ${sql.join(columns)} from api_keys group by service_id, environment`.compile(
        this.database.db,
      ),
    );
    return rows.map((row) => ({
      service_id: row.service_id,
      environment: row.environment,
      total: Number(row.total),
      active: Number(row.active),
      rotated: Number(row.rotated),
      expired: Number(row.expired),
      revoked: Number(row.revoked),
      expiring: Number(row.expiring),
      unused: Number(row.unused),
    }));
  }

  /** The owners with most keys. */
  async owners(now: string): Promise<KeyFacet[]> {
    const rows = await this.database.readMany(
      sql<{ value: string | null; keys: unknown; active: unknown }>`
        select user_id as value, count(*) as keys, sum(case when ${STATUS.active(now)} then 1 else 0 end) as active
        from api_keys group by user_id order by keys desc, value limit ${MAX_FACETS}`.compile(
        this.database.db,
      ),
    );
    return rows.map(({ value, keys, active }) => ({ value, keys: Number(keys), active: Number(active) }));
  }

  /** By id; ids without a key are left out. */
  async names(ids: readonly string[]): Promise<Map<string, string>> {
    if (ids.length === 0) return new Map();
    const rows = await this.database.reads
      .selectFrom('api_keys')
      .select(['id', 'name'])
      .where('id', 'in', ids)
      .execute();
    return new Map(rows.map(({ id, name }) => [id, name]));
  }

  private conditions(filter: KeyFilter, now: string): RawBuilder<SqlBool>[] {
    const { userIds, serviceIds, environments, statuses, keyPrefix, usable } = filter;
    const { search, expiresBefore, endsBefore, unusedSince } = filter;
    return [
      ...(search === undefined ? [] : [this.holding(search)]),
      ...oneOf('user_id', userIds),
      ...(serviceIds === undefined ? [] : [this.forOneOf(serviceIds)]),
      ...oneOf('environment', environments),
      ...oneOf('key_prefix', keyPrefix === undefined ? undefined : [keyPrefix]),
      ...(statuses
        ? [
            sql<SqlBool>`(${sql.join(
              statuses.map((status) => STATUS[status](now)),
              sql` or `,
            )})`,
          ]
        : []),
      ...(usable === undefined
        ? []
        : [usable ? STATUS.active(now) : sql<SqlBool>`not ${STATUS.active(now)}`]),
      ...(expiresBefore === undefined ? [] : [sql<SqlBool>`expires_at < ${expiresBefore}`]),
      ...(endsBefore === undefined
        ? []
        : [sql<SqlBool>`${STATUS.active(now)} and expires_at <= ${endsBefore}`]),
      ...(unusedSince === undefined ? [] : [unused(unusedSince)]),
    ];
  }

  /** Keys for several services are found by each of them. */
  private forOneOf(serviceIds: readonly string[]): RawBuilder<SqlBool> {
    const ids = sql.join(serviceIds);
    const beside =
      this.database.engine === 'postgres'
        ? sql`jsonb_exists_any(service_ids, array[${ids}]::text[])`
        : sql`exists (select 1 from json_each(api_keys.service_ids) as each_one where each_one.value in (${ids}))`;
    return sql`(service_id in (${ids}) or (service_ids is not null and ${beside}))`;
  }

  /** Upper and lower case are alike; on SQLite those of ASCII. */
  private holding(search: string): RawBuilder<SqlBool> {
    const pattern = `%${search.replace(/[\\%_]/g, '\\$&')}%`;
    const like = sql.raw(this.database.engine === 'postgres' ? 'ilike' : 'like');
    const columns = ['name', 'key_prefix', 'user_id', 'description'].map(
      (column) => sql`${sql.ref(column)} ${like} ${pattern} escape '\\'`,
    );
    return sql<SqlBool>`(${sql.join([...columns, sql`cast(id as text) = ${search.toLowerCase()}`], sql` or `)})`;
  }
}

const STATUS: Readonly<Record<KeyStatus, (now: string) => RawBuilder<SqlBool>>> = {
  active: (now) => sql`(is_active and (expires_at is null or expires_at > ${now}))`,
  rotated: (now) => sql`(rotated_to_id is not null and is_active and expires_at > ${now})`,
  expired: (now) => sql`(revoked_at is null and (not is_active or expires_at <= ${now}))`,
  revoked: () => sql`(revoked_at is not null)`,
};

function unused(since: string): RawBuilder<SqlBool> {
  return sql`(created_at < ${since} and (last_used_at is null or last_used_at < ${since}))`;
}

function oneOf(column: string, values: readonly string[] | undefined): RawBuilder<SqlBool>[] {
  return values === undefined ? [] : [sql`${sql.ref(column)} in (${sql.join(values)})`];
}

function where(conditions: readonly RawBuilder<SqlBool>[]): RawBuilder<unknown> {
  return conditions.length === 0 ? sql`` : sql`where ${sql.join(conditions, sql` and `)}`;
}

/** Nulls are the last in both orders. */
function behind({ sort, order, value, id }: KeyCursor, column: RawBuilder<unknown>): RawBuilder<SqlBool> {
  const beyond = sql.raw(order === 'desc' ? '<' : '>');
  if (value === null) return sql`(${column} is null and id ${beyond} ${id})`;
  const later = sql<SqlBool>`(${column}, id) ${beyond} (${value}, ${id})`;
  return sort === 'created_at' || sort === 'name' ? later : sql`(${later} or ${column} is null)`;
}
