import { Injectable } from '@nestjs/common';
import { SYSTEM_ACTOR } from '../audit/audit-writer.js';
import { KeyChanges, type KeyChange } from '../keys/key-changes.js';
import { KeyRevocations } from '../keys/ends/key-revocations.js';
import { isUsable } from '../records/key-record.js';
import type { OpenRotation } from './key-rotations.repository.js';
import type { RotationPolicy } from './policies/rotation-policy.js';
import { RotationReports } from './rotation-reports.js';
import { RotationStore } from './rotation-store.js';

/** Ends rotations: by delivery or by cancellation. */
@Injectable()
export class RotationSettlement {
  constructor(
    private readonly store: RotationStore,
    private readonly changes: KeyChanges,
    private readonly revocations: KeyRevocations,
    private readonly reports: RotationReports,
  ) {}

  /**
   * The successor was delivered: the old key ends after the overlap, or at its own end if that is earlier, and the
   * encrypted successor is deleted. Does nothing if another replica has done this already.
   */
  async delivered(rotation: OpenRotation, policy: RotationPolicy): Promise<void> {
    const { keys, rotations } = this.store;
    const settled = await this.changes.run(SYSTEM_ACTOR, async (change) => {
      const { db, now } = change;
      const successor = await keys.find(db, rotation.successorId);
      // Revoked meanwhile: the old key is still the one that works.
      const usable = successor !== undefined && isUsable(successor, now);
      const outcome = usable ? 'delivered' : 'cancelled';
      if (!(await rotations.settle(db, rotation.id, outcome, { now }))) return false;
      if (usable) await this.replace(change, rotation, policy);
      return usable;
    });
    if (settled) this.reports.delivered(rotation, policy);
  }

  /** Cancels what cannot be handed over any more, unless an attempt is under way. */
  async cancelHopeless(): Promise<void> {
    const { database, rotations } = this.store;
    for (const rotation of await rotations.idle(database.db, this.changes.now())) {
      const obstacle = await this.obstacle(rotation);
      if (obstacle !== undefined) await this.cancel(rotation, obstacle);
    }
  }

  /** Why a successor cannot be handed over any more; undefined where it can. */
  async obstacle({ keyId, successorId, policyId }: OpenRotation): Promise<string | undefined> {
    const { keys, policies } = this.store;
    const { db } = this.store.database;
    const now = this.changes.now();
    const old = await keys.find(db, keyId);
    if (!old || !isUsable(old, now)) return 'the key that it was to replace has ended';
    if (old.rotatedToId !== null) return 'the key that it was to replace has another successor';
    const successor = await keys.find(db, successorId);
    if (!successor || !isUsable(successor, now)) return 'it was revoked';
    const policy = await policies.find(db, policyId);
    return policy && policy.delivery !== null ? undefined : 'its policy no longer hands keys over';
  }

  /**
   * The successor is revoked, and the old key stays valid. A successor whose delivery is under way is not revoked,
   * because the receiver may already have it.
   */
  private async cancel(rotation: OpenRotation, reason: string): Promise<void> {
    const cancelled = await this.changes.run(SYSTEM_ACTOR, async (change) => {
      const { db, now } = change;
      const ended = await this.store.rotations.settle(db, rotation.id, 'cancelled', { now, freeAt: now });
      if (!ended) return false;
      await this.revocations.end(change, SYSTEM_ACTOR, rotation.successorId, `not handed over: ${reason}`);
      return true;
    });
    if (cancelled) this.reports.cancelled(rotation, reason);
  }

  private async replace(change: KeyChange, rotation: OpenRotation, policy: RotationPolicy): Promise<void> {
    const { keys, policies } = this.store;
    const { db, now, audit, factsChanged, keyEnded } = change;
    const { keyId, successorId } = rotation;
    await policies.follow(db, keyId, successorId);
    const old = await keys.hold(db, keyId, now);
    // It has ended since it was looked at.
    if (!old) return;
    const after = new Date(Date.parse(now) + policy.overlapSeconds * 1000).toISOString();
    const end = old.expiresAt !== null && old.expiresAt < after ? old.expiresAt : after;
    await keys.retire(db, keyId, successorId, end, now);
    audit({
      action: 'key.rotated',
      keyId,
      details: {
        ...{ new_key_id: successorId, overlap_seconds: policy.overlapSeconds, old_key_expires_at: end },
        ...{ policy_id: policy.id, delivery: policy.delivery },
      },
    });
    (end <= now ? keyEnded : factsChanged)(keyId);
  }
}
