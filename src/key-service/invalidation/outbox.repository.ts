import { Injectable } from '@nestjs/common';
import type { Db, InvalidationLane } from '../storage/database.schema.js';

export interface OutboxMessage {
  id: number;
  keyId: string;
  /** Sends that were begun so far, this one included. */
  attempts: number;
  /** When the change was made, RFC 3339. */
  createdAt: string;
}

/** A key that gateways have to forget. */
export interface KeyInvalidation {
  keyId: string;
  lane: InvalidationLane;
}

/** Whom a message is for, and how urgent it is. */
export interface OutboxLane {
  url: string;
  lane: InvalidationLane;
}

/** Messages that one gateway has not taken. */
export interface WaitingMessages {
  url: string;
  pending: number;
  revocations: number;
  /** RFC 3339. */
  oldestAt: string;
  attempts: number;
}

/** Messages that gateways have not received yet. Times are RFC 3339 in UTC with milliseconds. */
@Injectable()
export class OutboxRepository {
  async add(
    db: Db,
    changes: readonly KeyInvalidation[],
    urls: readonly string[],
    now: string,
  ): Promise<void> {
    const rows = changes.flatMap(({ keyId, lane }) =>
      urls.map((url) => ({ key_id: keyId, url, lane, created_at: now, due_at: now, attempts: 0 })),
    );
    for (let start = 0; start < rows.length; start += ROWS_PER_INSERT)
      await db
        .insertInto('invalidation_outbox')
        .values(rows.slice(start, start + ROWS_PER_INSERT))
        .execute();
  }

  /**
   * Takes messages of one lane that are due for one gateway. Unless they are removed or postponed before, they are due
   * again at `leaseUntil`, so that nothing is lost if a replica dies while sending.
   */
  async claim(
    db: Db,
    { url, lane }: OutboxLane,
    times: { now: string; leaseUntil: string },
    limit: number,
  ): Promise<OutboxMessage[]> {
    const rows = await db
      .updateTable('invalidation_outbox')
      .set((eb) => ({ due_at: times.leaseUntil, attempts: eb('attempts', '+', 1) }))
      .where('id', 'in', (eb) =>
        eb
          .selectFrom('invalidation_outbox')
          .select('id')
          .where('url', '=', url)
          .where('lane', '=', lane)
          .where('due_at', '<=', times.now)
          .orderBy('due_at')
          .orderBy('id')
          .limit(limit),
      )
      .where('due_at', '<=', times.now)
      .returning(['id', 'key_id', 'attempts', 'created_at'])
      .execute();
    return rows.map((row) => ({
      id: row.id,
      keyId: row.key_id,
      attempts: row.attempts,
      createdAt: row.created_at,
    }));
  }

  async remove(db: Db, ids: readonly number[]): Promise<void> {
    if (ids.length > 0) await db.deleteFrom('invalidation_outbox').where('id', 'in', ids).execute();
  }

  async putOff(db: Db, ids: readonly number[], until: string): Promise<void> {
    if (ids.length > 0)
      await db.updateTable('invalidation_outbox').set({ due_at: until }).where('id', 'in', ids).execute();
  }

  /** Drops messages for gateways that are no longer configured. */
  async removeOthers(db: Db, urls: readonly string[]): Promise<number> {
    let query = db.deleteFrom('invalidation_outbox');
    if (urls.length > 0) query = query.where('url', 'not in', urls);
    return Number((await query.executeTakeFirst()).numDeletedRows);
  }

  /** The waiting messages of each gateway that has some. */
  async waiting(db: Db): Promise<WaitingMessages[]> {
    const rows = await db
      .selectFrom('invalidation_outbox')
      .select((eb) => [
        'url',
        eb.fn.countAll<number>().as('pending'),
        eb.fn.sum<number>(eb.case().when('lane', '=', 'revocation').then(1).else(0).end()).as('revocations'),
        eb.fn.min('created_at').as('oldest_at'),
        eb.fn.max('attempts').as('attempts'),
      ])
      .groupBy('url')
      .execute();
    return rows.map((row) => ({
      url: row.url,
      pending: Number(row.pending),
      revocations: Number(row.revocations),
      oldestAt: row.oldest_at,
      attempts: row.attempts,
    }));
  }

  async count(db: Db): Promise<number> {
    const { count } = await db
      .selectFrom('invalidation_outbox')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    return Number(count);
  }
}

const ROWS_PER_INSERT = 100;
