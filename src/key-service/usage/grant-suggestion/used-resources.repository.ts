import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Database } from '../../storage/database.js';
import type { Db, UsageByResourceTable } from '../../storage/database.schema.js';
import { bounded, nameOf, sumUpUses, type KeyDay, type RecordedUse } from '../records/used-rows.js';

const ROWS_PER_DELETE = 500;

/** What some keys used over a time: one row for each thing and level. */
export type UsedRow = Pick<
  UsageByResourceTable,
  'kind' | 'resource_id' | 'name' | 'level' | 'requests' | 'last_used_at'
>;

/** `usage_by_resource`: what keys used, by the day. */
@Injectable()
export class UsedResourcesRepository {
  constructor(private readonly database: Database) {}

  /** Adds what records say. To be called in a transaction that holds the sums of the same keys and days. */
  async add(db: Db, records: readonly RecordedUse[]): Promise<void> {
    const days = sumUpUses(records).filter(({ rows }) => rows.size > 0);
    if (days.length === 0) return;
    const present = await presentIn(db, days);
    await db
      .insertInto('usage_by_resource')
      .values(days.flatMap((day) => bounded(day, present.get(dayName(day)) ?? new Set())))
      .onConflict((conflict) =>
        conflict
          .columns(['api_key_id', 'period_start', 'kind', 'resource_id', 'name', 'level'])
          .doUpdateSet((eb) => ({
            requests: eb('usage_by_resource.requests', '+', eb.ref('excluded.requests')),
            last_used_at: eb
              .case()
              .when('usage_by_resource.last_used_at', '>', eb.ref('excluded.last_used_at'))
              .then(eb.ref('usage_by_resource.last_used_at'))
              .else(eb.ref('excluded.last_used_at'))
              .end(),
          })),
      )
      .execute();
  }

  /** What keys used from a day on. @param day RFC 3339 in UTC, its first instant */
  async since(keyIds: readonly string[], day: string): Promise<UsedRow[]> {
    const rows = await this.database.readMany(
      this.database.db
        .selectFrom('usage_by_resource')
        .select((eb) => [
          ...(['kind', 'resource_id', 'name', 'level'] as const),
          eb.fn.sum('requests').as('requests'),
          eb.fn.max('last_used_at').as('last_used_at'),
        ])
        .where('api_key_id', 'in', keyIds)
        .where('period_start', '>=', day)
        .groupBy(['kind', 'resource_id', 'name', 'level'])
        .compile(),
    );
    return rows.map((row) => ({ ...row, requests: Number(row.requests) }));
  }

  /** Requests of keys from a day on, with or without what they used. */
  async requestsSince(keyIds: readonly string[], day: string): Promise<number> {
    const { rows } = await sql<{ requests: unknown }>`
      select sum(answered + client_error + limited + server_error) as requests from usage_by_key
      where period = 'day' and period_start >= ${day} and api_key_id in (${sql.join(keyIds)})`.execute(
      this.database.reads,
    );
    return Number(rows[0]?.requests ?? 0);
  }

  /** Removes rows of days before one. @param day RFC 3339 in UTC, its first instant */
  async removeBefore(day: string): Promise<void> {
    for (let removed = ROWS_PER_DELETE; removed === ROWS_PER_DELETE; await nextTurn()) {
      const result = await sql`delete from usage_by_resource
        where (api_key_id, period_start, kind, resource_id, name, level) in (
          select api_key_id, period_start, kind, resource_id, name, level from usage_by_resource
          where period_start < ${day} limit ${ROWS_PER_DELETE})`.execute(this.database.db);
      removed = Number(result.numAffectedRows ?? 0);
    }
  }
}

/** Names of the rows that some keys have on some days, by key and day. */
async function presentIn(db: Db, days: readonly KeyDay[]): Promise<Map<string, Set<string>>> {
  const rows = await db
    .selectFrom('usage_by_resource')
    .select(['api_key_id', 'period_start', 'kind', 'resource_id', 'name', 'level'])
    .where((eb) =>
      eb(
        eb.refTuple('api_key_id', 'period_start'),
        'in',
        days.map((day) => eb.tuple(day.api_key_id, day.period_start)),
      ),
    )
    .execute();
  const present = new Map<string, Set<string>>();
  for (const row of rows) {
    const names = present.get(dayName(row)) ?? new Set<string>();
    present.set(dayName(row), names.add(nameOf(row)));
  }
  return present;
}

function dayName({ api_key_id, period_start }: Pick<KeyDay, 'api_key_id' | 'period_start'>): string {
  return `${api_key_id} ${period_start}`;
}
