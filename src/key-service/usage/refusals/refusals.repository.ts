import { Injectable } from '@nestjs/common';
import { sql, type RawBuilder } from 'kysely';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { MAX_REFUSAL_ROWS, type RefusalRecord } from '../../../contracts/usage/refusals.js';
import { Database } from '../../storage/database.js';
import { periodStart } from '../sums/period-start.js';
import type { SeriesRange } from '../series/usage-series.range.js';

const ROWS_PER_INSERT = 200;
const ROWS_PER_DELETE = 500;

/** What refusals can be counted by. */
export type RefusalColumn = 'network' | 'key_prefix' | 'key_id';

export interface RefusalQuery {
  range: SeriesRange;
  reason: string | undefined;
}

export interface RefusalCount {
  value: string | null;
  count: number;
  last_at: string;
}

/** `key_refusals`: refused keys by the minute. */
@Injectable()
export class RefusalsRepository {
  constructor(private readonly database: Database) {}

  /** Adds records; one whose id is there already is left as it is. */
  async insert(records: readonly RefusalRecord[]): Promise<void> {
    for (let start = 0; start < records.length; start += ROWS_PER_INSERT) {
      const rows = records
        .slice(start, start + ROWS_PER_INSERT)
        .map(({ count, ...record }) => ({ ...record, refusals: count }));
      await this.database.db
        .insertInto('key_refusals')
        .values(rows)
        .onConflict((conflict) => conflict.column('id').doNothing())
        .execute();
      await nextTurn();
    }
  }

  /** Refusals of each period by reason. */
  async points(query: RefusalQuery): Promise<{ reason: string; period_start: string; count: number }[]> {
    const start = periodStart(this.database.engine, query.range.period, 'minute');
    const rows = await this.database.readMany(
      sql<{ reason: string; period_start: string; count: unknown }>`
        select reason, ${start} as period_start, sum(refusals) as count from key_refusals
        where ${conditions(query)} group by reason, ${start}`.compile(this.database.db),
    );
    return rows.map((row) => ({ ...row, count: Number(row.count) }));
  }

  /** The values with most refusals; for keys and prefixes those that are known. */
  async largest(column: RefusalColumn, query: RefusalQuery): Promise<RefusalCount[]> {
    const name = sql.ref(column);
    const rows = await this.database.readMany(
      sql<{ value: string | null; count: unknown; last_at: string }>`
        select ${name} as value, sum(refusals) as count, max(minute) as last_at from key_refusals
        where ${conditions(query)} ${column === 'network' ? sql`` : sql`and ${name} is not null`}
        group by ${name} order by count desc, value limit ${MAX_REFUSAL_ROWS}`.compile(this.database.db),
    );
    return rows.map((row) => ({ ...row, count: Number(row.count) }));
  }

  /** Removes records from before a time, RFC 3339 in UTC. */
  async removeBefore(time: string): Promise<void> {
    for (let removed = ROWS_PER_DELETE; removed === ROWS_PER_DELETE; await nextTurn()) {
      const { numDeletedRows } = await this.database.db
        .deleteFrom('key_refusals')
        .where('id', 'in', (eb) =>
          eb.selectFrom('key_refusals').select('id').where('minute', '<', time).limit(ROWS_PER_DELETE),
        )
        .executeTakeFirst();
      removed = Number(numDeletedRows);
    }
  }
}

function conditions({ range, reason }: RefusalQuery): RawBuilder<unknown> {
  return sql`minute >= ${range.from} and minute < ${range.to}
    ${reason === undefined ? sql`` : sql`and reason = ${reason}`}`;
}
