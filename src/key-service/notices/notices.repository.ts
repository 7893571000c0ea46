import { Injectable } from '@nestjs/common';
import { sql, type RawBuilder } from 'kysely';
import { randomUUID } from 'node:crypto';
import { DAY_MS } from '../../lib/durations.js';
import { fromRow, type KeyRecord } from '../records/key-record.js';
import { Database } from '../storage/database.js';
import type { ApiKeysTable, KeyNotice } from '../storage/database.schema.js';

/** Keys of one look: each is a row to write. */
const BATCH = 200;

/** An occasion to warn, and how keys are found for it. */
export interface Occasion {
  notice: KeyNotice;
  days: number;
  kind: 'expires' | 'unused';
}

export interface Notice {
  id: string;
  notice: KeyNotice;
  createdAt: string;
  attempts: number;
  key: KeyRecord;
}

/** Warnings of keys: `key_notices`. Times are RFC 3339 in UTC with milliseconds. */
@Injectable()
export class NoticesRepository {
  constructor(private readonly database: Database) {}

  /**
   * Records the keys for which the occasion has come and no warning was given yet. If several replicas look at the
   * same time, each key goes to one of them.
   *
   * @param dueAt when it is to be sent; null where nobody is to be told
   */
  async note(occasion: Occasion, now: string, dueAt: string | null): Promise<KeyRecord[]> {
    const about = occasion.kind === 'expires' ? sql`expires_at` : sql`coalesce(last_used_at, created_at)`;
    const rows = await this.database.readMany(
      sql<ApiKeysTable & { about: string }>`
        select api_keys.*, ${about} as about from api_keys
        where ${this.hasCome(occasion, now)} and not exists (
          select 1 from key_notices where key_notices.key_id = api_keys.id
          and key_notices.notice = ${occasion.notice} and key_notices.about = ${about})
        limit ${BATCH}`.compile(this.database.db),
    );
    const noted: KeyRecord[] = [];
    for (const row of rows) {
      const notice = { notice: occasion.notice, about: row.about };
      if (await this.add(row.id, notice, now, dueAt)) noted.push(fromRow(row));
    }
    return noted;
  }

  /** @returns whether nobody was warned of it before */
  async add(
    keyId: string,
    { notice, about }: { notice: KeyNotice; about: string },
    now: string,
    dueAt: string | null,
  ): Promise<boolean> {
    const { numInsertedOrUpdatedRows } = await this.database.db
      .insertInto('key_notices')
      .values({
        ...{ id: randomUUID(), key_id: keyId, notice, about },
        ...{ created_at: now, due_at: dueAt, attempts: 0, delivered_at: null },
      })
      .onConflict((conflict) => conflict.columns(['key_id', 'notice', 'about']).doNothing())
      .executeTakeFirst();
    return Number(numInsertedOrUpdatedRows) === 1;
  }

  /** Takes warnings that are due; they are due again at `leaseUntil` unless they are delivered or postponed. */
  async claim(now: string, leaseUntil: string, limit: number): Promise<Notice[]> {
    const rows = await this.database.db
      .updateTable('key_notices')
      .set((eb) => ({ due_at: leaseUntil, attempts: eb('attempts', '+', 1) }))
      .where('id', 'in', (eb) =>
        eb.selectFrom('key_notices').select('id').where('due_at', '<=', now).orderBy('due_at').limit(limit),
      )
      .where('due_at', '<=', now)
      .returning(['id', 'key_id', 'notice', 'created_at', 'attempts'])
      .execute();
    if (rows.length === 0) return [];
    const keys = await this.database.db
      .selectFrom('api_keys')
      .selectAll()
      .where(
        'id',
        'in',
        rows.map(({ key_id }) => key_id),
      )
      .execute();
    return rows.flatMap(({ id, key_id, notice, created_at, attempts }) => {
      const key = keys.find((one) => one.id === key_id);
      return key ? [{ id, notice, createdAt: created_at, attempts, key: fromRow(key) }] : [];
    });
  }

  async delivered(id: string, now: string): Promise<void> {
    await this.database.db
      .updateTable('key_notices')
      .set({ due_at: null, delivered_at: now })
      .where('id', '=', id)
      .execute();
  }

  async putOff(id: string, until: string): Promise<void> {
    await this.database.db.updateTable('key_notices').set({ due_at: until }).where('id', '=', id).execute();
  }

  async pending(): Promise<number> {
    const { count } = await this.database.db
      .selectFrom('key_notices')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('due_at', 'is not', null)
      .executeTakeFirstOrThrow();
    return Number(count);
  }

  /** Only usable keys without a successor. A key that was made with a shorter lifetime than this gets no warning. */
  private hasCome({ kind, days }: Occasion, now: string): RawBuilder<unknown> {
    const nowMs = Date.parse(now);
    const usable = sql`is_active and rotated_to_id is null and (expires_at is null or expires_at > ${now})`;
    if (kind === 'unused') {
      const since = new Date(nowMs - days * DAY_MS).toISOString();
      return sql`${usable} and coalesce(last_used_at, created_at) <= ${since}`;
    }
    const until = new Date(nowMs + days * DAY_MS).toISOString();
    const later = new Date(nowMs + LESS[days as keyof typeof LESS] * DAY_MS).toISOString();
    const before =
      this.database.engine === 'postgres'
        ? sql`created_at <= expires_at - make_interval(days => ${sql.lit(days)})`
        : sql`julianday(created_at) <= julianday(expires_at) - ${sql.lit(days)}`;
    return sql`${usable} and expires_at <= ${until} and expires_at > ${later} and ${before}`;
  }
}

/** If a warning for a shorter time is due as well, that one is enough. */
const LESS = { 14: 7, 7: 1, 1: 0 } as const;
