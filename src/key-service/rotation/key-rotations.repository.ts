import { Injectable } from '@nestjs/common';
import type { Expression, ExpressionBuilder, SqlBool } from 'kysely';
import type { Db, KeyRotationOutcome, KeyRotationsTable, Tables } from '../storage/database.schema.js';

/** A successor that was made and has not been handed over. Times are RFC 3339 in UTC with milliseconds. */
export interface OpenRotation {
  id: string;
  policyId: string;
  keyId: string;
  successorId: string;
  sealed: string;
  createdAt: string;
  dueAt: string;
  /** Attempts that were begun, this one included. The number identifies the owner of the attempt. */
  attempts: number;
  lastError: string | null;
}

export type NewRotation = Pick<
  OpenRotation,
  'id' | 'policyId' | 'keyId' | 'successorId' | 'sealed' | 'createdAt'
>;

/** `key_rotations`: successors from their creation to their delivery. */
@Injectable()
export class KeyRotationsRepository {
  async add(db: Db, rotation: NewRotation): Promise<void> {
    await db
      .insertInto('key_rotations')
      .values({
        ...{ id: rotation.id, policy_id: rotation.policyId, key_id: rotation.keyId },
        ...{ successor_id: rotation.successorId, sealed: rotation.sealed, created_at: rotation.createdAt },
        ...{ due_at: rotation.createdAt, leased_until: null, attempts: 0, last_error: null },
        ...{ outcome: null, settled_at: null },
      })
      .execute();
  }

  /** Takes rotations that are due. No other replica takes them until `leaseUntil`. */
  async claim(db: Db, now: string, leaseUntil: string, limit: number): Promise<OpenRotation[]> {
    const rows = await db
      .updateTable('key_rotations')
      .set((eb) => ({ leased_until: leaseUntil, attempts: eb('attempts', '+', 1) }))
      .where('id', 'in', (eb) =>
        eb
          .selectFrom('key_rotations')
          .select('id')
          .where('outcome', 'is', null)
          .where('due_at', '<=', now)
          .where(free(now))
          .orderBy('due_at')
          .limit(limit),
      )
      .where('outcome', 'is', null)
      // The condition is repeated, because another replica may have taken one since the rows were chosen.
      .where(free(now))
      .returningAll()
      .execute();
    return rows.map(toOpen);
  }

  /** Releases rotations that an attempt did not deliver; does nothing if another attempt has begun since. */
  async putOff(db: Db, rotation: OpenRotation, until: string, error: string): Promise<void> {
    await db
      .updateTable('key_rotations')
      .set({ due_at: until, leased_until: null, last_error: error })
      .where('id', '=', rotation.id)
      .where('attempts', '=', rotation.attempts)
      .where('outcome', 'is', null)
      .execute();
  }

  /**
   * Ends a rotation and forgets the successor itself.
   *
   * @param freeAt only where no attempt is under way at that time
   * @returns whether this call ended it
   */
  async settle(
    db: Db,
    id: string,
    outcome: KeyRotationOutcome,
    { now, freeAt }: { now: string; freeAt?: string },
  ): Promise<boolean> {
    let query = db
      .updateTable('key_rotations')
      .set({ outcome, settled_at: now, sealed: null, leased_until: null })
      .where('id', '=', id)
      .where('outcome', 'is', null);
    if (freeAt !== undefined) query = query.where(free(freeAt));
    return (await query.executeTakeFirst()).numUpdatedRows === 1n;
  }

  /** Those whose attempt is not under way. */
  async idle(db: Db, now: string): Promise<OpenRotation[]> {
    const rows = await db
      .selectFrom('key_rotations')
      .selectAll()
      .where('outcome', 'is', null)
      .where(free(now))
      .execute();
    return rows.map(toOpen);
  }

  /** Those that wait longest. */
  async waiting(db: Db, limit: number): Promise<OpenRotation[]> {
    const rows = await db
      .selectFrom('key_rotations')
      .selectAll()
      .where('outcome', 'is', null)
      .orderBy('created_at')
      .orderBy('id')
      .limit(limit)
      .execute();
    return rows.map(toOpen);
  }

  /** Tries those of a policy again at once. */
  async hurry(db: Db, policyId: string, now: string): Promise<void> {
    await db
      .updateTable('key_rotations')
      .set({ due_at: now })
      .where('policy_id', '=', policyId)
      .where('outcome', 'is', null)
      .execute();
  }

  /** When each policy last had a successor handed over, by policy id. */
  async lastDelivered(db: Db): Promise<Map<string, string>> {
    const rows = await db
      .selectFrom('key_rotations')
      .select((eb) => ['policy_id', eb.fn.max('settled_at').as('at')])
      .where('outcome', '=', 'delivered')
      .groupBy('policy_id')
      .execute();
    return new Map(rows.flatMap(({ policy_id, at }) => (at === null ? [] : [[policy_id, at]])));
  }

  /** How many are open, and of how many the last attempt failed. */
  async counts(db: Db): Promise<{ open: number; failing: number }> {
    const row = await db
      .selectFrom('key_rotations')
      .select((eb) => [eb.fn.countAll<number>().as('open'), eb.fn.count<number>('last_error').as('failing')])
      .where('outcome', 'is', null)
      .executeTakeFirstOrThrow();
    return { open: Number(row.open), failing: Number(row.failing) };
  }
}

/** No attempt is under way, or the replica that began it has died. */
function free(now: string): (eb: ExpressionBuilder<Tables, 'key_rotations'>) => Expression<SqlBool> {
  return (eb) => eb.or([eb('leased_until', 'is', null), eb('leased_until', '<=', now)]);
}

function toOpen(row: KeyRotationsTable): OpenRotation {
  return {
    id: row.id,
    policyId: row.policy_id,
    keyId: row.key_id,
    successorId: row.successor_id,
    sealed: row.sealed ?? '',
    createdAt: row.created_at,
    dueAt: row.due_at,
    attempts: row.attempts,
    lastError: row.last_error,
  };
}
