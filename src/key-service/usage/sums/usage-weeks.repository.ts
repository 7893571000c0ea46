import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Database } from '../../storage/database.js';
import type { Db } from '../../storage/database.schema.js';
import { WEEK_MS, weekOf } from './usage-sums.js';

/** Few enough that SQLite, which works on this thread, lets validations pass between. */
const KEYS_AT_ONCE = 50;
/** Stands before all ids. */
const NIL_UUID = '00000000-0000-0000-0000-000000000000';

/** A week by its first instant, and how many requests its days have together. */
export interface UsageWeek {
  week: string;
  requests: number;
}

/** The sums of `usage_by_key` by the week, which are made of those of days once a week is over. */
@Injectable()
export class UsageWeeksRepository {
  constructor(private readonly database: Database) {}

  /** Weeks that are summed up and begin in a range, in order. */
  async within({ from, to }: { from: string; to: string }): Promise<string[]> {
    if (Date.parse(to) - Date.parse(from) < WEEK_MS) return [];
    const rows = await this.database.reads
      .selectFrom('usage_weeks')
      .select('period_start')
      .where('period_start', '>=', from)
      .where('period_start', '<', to)
      .orderBy('period_start')
      .execute();
    return rows.map((row) => row.period_start);
  }

  /** Weeks of a range of whole weeks that are not summed up, or whose days have changed since. */
  async unsummed(from: string, to: string): Promise<UsageWeek[]> {
    const days = await this.database.readMany(
      sql<{ period_start: string; requests: unknown }>`
        select period_start, sum(answered + client_error + limited + server_error) as requests
        from usage_by_endpoint where period = 'day' and period_start >= ${from} and period_start < ${to}
        group by period_start`.compile(this.database.db),
    );
    const weeks = new Map<string, number>();
    for (const { period_start, requests } of days) {
      const week = weekOf(period_start);
      weeks.set(week, (weeks.get(week) ?? 0) + Number(requests));
    }
    const known = new Map(
      (await this.database.reads.selectFrom('usage_weeks').selectAll().execute()).map((row) => [
        row.period_start,
        row.requests,
      ]),
    );
    return [...weeks]
      .filter(([week, requests]) => known.get(week) !== requests)
      .map(([week, requests]) => ({ week, requests }))
      .sort((a, b) => (a.week < b.week ? -1 : 1));
  }

  /** Sums up one week. It counts as summed up if nothing was added to its days meanwhile. */
  async sumUp({ week, requests }: UsageWeek): Promise<void> {
    const end = new Date(Date.parse(week) + WEEK_MS).toISOString();
    await this.database.db.deleteFrom('usage_weeks').where('period_start', '=', week).execute();
    for (let ids = await this.keysAfter(); ids.length > 0; ids = await this.keysAfter(ids.at(-1))) {
      await this.database.transaction(async (db) => {
        await sql`
          insert into usage_by_key (period, period_start, api_key_id, answered, client_error, limited, server_error,
            bytes_in, bytes_out)
          select 'week', ${week}, api_key_id, sum(answered), sum(client_error), sum(limited), sum(server_error),
            sum(bytes_in), sum(bytes_out)
          from usage_by_key
          where period = 'day' and api_key_id between ${ids[0]} and ${ids.at(-1)}
            and period_start >= ${week} and period_start < ${end}
          group by api_key_id order by api_key_id
          on conflict (period, api_key_id, period_start) do update set answered = excluded.answered,
            client_error = excluded.client_error, limited = excluded.limited, server_error = excluded.server_error,
            bytes_in = excluded.bytes_in, bytes_out = excluded.bytes_out`.execute(db);
      });
      await nextTurn();
    }
    await this.database.transaction(async (db) => {
      if ((await requestsOf(db, week, end)) !== requests) return;
      await db
        .insertInto('usage_weeks')
        .values({ period_start: week, requests })
        .onConflict((conflict) => conflict.column('period_start').doUpdateSet({ requests }))
        .execute();
    });
  }

  private async keysAfter(id = NIL_UUID): Promise<string[]> {
    const rows = await this.database.reads
      .selectFrom('api_keys')
      .select('id')
      .where('id', '>', id)
      .orderBy('id')
      .limit(KEYS_AT_ONCE)
      .execute();
    return rows.map((row) => row.id);
  }
}

async function requestsOf(db: Db, from: string, to: string): Promise<number> {
  const { rows } = await sql<{ requests: unknown }>`
    select sum(answered + client_error + limited + server_error) as requests
    from usage_by_endpoint where period = 'day' and period_start >= ${from} and period_start < ${to}`.execute(
    db,
  );
  return Number(rows[0]?.requests ?? 0);
}
