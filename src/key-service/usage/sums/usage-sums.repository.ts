import { Injectable } from '@nestjs/common';
import { sql, type RawBuilder } from 'kysely';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Database } from '../../storage/database.js';
import type { Db, UsageRow } from '../../storage/database.schema.js';
import { sumUp, weekOf, type CountedUse } from './usage-sums.js';

/** Few enough that SQLite, which works on this thread, lets validations pass between. */
const RECORDS_AT_ONCE = 200;
const ROWS_PER_DELETE = 500;

const COUNTED = ['api_key_id', 'endpoint', 'timestamp', 'status_code', 'bytes_in', 'bytes_out'] as const;

/** Writes `usage_by_endpoint`, `usage_by_key` and `usage_by_owner`, always in the transaction that marks the records as summed. */
@Injectable()
export class UsageSumsRepository {
  constructor(private readonly database: Database) {}

  /** Adds records to the sums. Each may be added once. */
  async add(db: Db, records: readonly Pick<UsageRow, (typeof COUNTED)[number]>[]): Promise<void> {
    if (records.length === 0) return;
    const keys = await ownersOf(db, records);
    const uses = records.flatMap((record): CountedUse[] => {
      const key = keys.get(record.api_key_id);
      return key === undefined ? [] : [{ ...record, ...key }];
    });
    const { byEndpoint, byKey, byOwner } = sumUp(uses);
    await db
      .insertInto('usage_by_endpoint')
      .values(byEndpoint)
      .onConflict((conflict) =>
        conflict
          .columns(['period', 'period_start', 'service_id', 'endpoint'])
          .doUpdateSet(added('usage_by_endpoint')),
      )
      .execute();
    await db
      .insertInto('usage_by_key')
      .values(byKey)
      .onConflict((conflict) =>
        conflict.columns(['period', 'api_key_id', 'period_start']).doUpdateSet(added('usage_by_key')),
      )
      .execute();
    await db
      .insertInto('usage_by_owner')
      .values(byOwner)
      .onConflict((conflict) =>
        conflict
          .columns(['period', 'user_id', 'period_start', 'service_id'])
          .doUpdateSet(added('usage_by_owner')),
      )
      .execute();
    // A week that was summed up before these records came is incomplete: its days are read until it is summed up
    // again.
    const weeks = [...new Set(records.map(({ timestamp }) => weekOf(timestamp)))];
    await db.deleteFrom('usage_weeks').where('period_start', 'in', weeks).execute();
  }

  /** Sums up some records that are in no sum yet. @returns how many there were; fewer than `RECORDS_AT_ONCE` are the last */
  async addUnsummed(): Promise<{ records: number; more: boolean }> {
    const records = await this.database.transaction(async (db) => {
      // Replicas that do this at the same time take different records.
      const others = this.database.engine === 'postgres' ? sql`for update skip locked` : sql``;
      const found = await sql<{ id: string }>`
        select id from api_key_usage where not summed limit ${RECORDS_AT_ONCE} ${others}`.execute(db);
      if (found.rows.length === 0) return 0;
      const rows = await db
        .updateTable('api_key_usage')
        .set({ summed: true })
        .where(
          'id',
          'in',
          found.rows.map(({ id }) => id),
        )
        .returning(COUNTED)
        .execute();
      await this.add(db, rows);
      return rows.length;
    });
    return { records, more: records === RECORDS_AT_ONCE };
  }

  /** Whether every record is in the sums. */
  async complete(): Promise<boolean> {
    const { rows } = await sql`select 1 from api_key_usage where not summed limit 1`.execute(
      this.database.reads,
    );
    return rows.length === 0;
  }

  /** Removes the sums of days before one. @param day RFC 3339 in UTC, its first instant */
  async removeBefore(day: string): Promise<void> {
    await sql`delete from usage_weeks where period_start < ${day}`.execute(this.database.db);
    const statements = [
      sql`delete from usage_by_endpoint where (period, period_start, service_id, endpoint) in (
        select period, period_start, service_id, endpoint from usage_by_endpoint
        where period in ('hour', 'day') and period_start < ${day} limit ${ROWS_PER_DELETE})`,
      sql`delete from usage_by_key where (period, api_key_id, period_start) in (
        select period, api_key_id, period_start from usage_by_key
        where period in ('hour', 'day', 'week') and period_start < ${day} limit ${ROWS_PER_DELETE})`,
      sql`delete from usage_by_owner where (period, user_id, period_start, service_id) in (
        select period, user_id, period_start, service_id from usage_by_owner
        where period in ('hour', 'day') and period_start < ${day} limit ${ROWS_PER_DELETE})`,
    ];
    for (const statement of statements)
      for (let removed = ROWS_PER_DELETE; removed === ROWS_PER_DELETE; await nextTurn())
        removed = Number((await statement.execute(this.database.db)).numAffectedRows ?? 0);
  }
}

/** Whose the keys of some records are now. */
async function ownersOf(
  db: Db,
  records: readonly Pick<UsageRow, 'api_key_id'>[],
): Promise<Map<string, Pick<CountedUse, 'service_id' | 'user_id'>>> {
  const ids = [...new Set(records.map((record) => record.api_key_id))];
  const rows = await db
    .selectFrom('api_keys')
    .select(['id', 'service_id', 'user_id'])
    .where('id', 'in', ids)
    .execute();
  return new Map(rows.map(({ id, service_id, user_id }) => [id, { service_id, user_id: user_id ?? '' }]));
}

/** The update of an existing row: each of its sums plus that of the new row. */
function added(
  table: 'usage_by_endpoint' | 'usage_by_key' | 'usage_by_owner',
): Record<
  'answered' | 'client_error' | 'limited' | 'server_error' | 'bytes_in' | 'bytes_out',
  RawBuilder<number>
> {
  const sum = (column: string): RawBuilder<number> =>
    sql<number>`${sql.ref(`${table}.${column}`)} + ${sql.ref(`excluded.${column}`)}`;
  return {
    answered: sum('answered'),
    client_error: sum('client_error'),
    limited: sum('limited'),
    server_error: sum('server_error'),
    bytes_in: sum('bytes_in'),
    bytes_out: sum('bytes_out'),
  };
}
