import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { SYSTEM_ACTOR } from '../audit/audit-writer.js';
import { KeyChanges } from '../keys/key-changes.js';
import { KeyIssuer } from '../keys/key-issuer.js';
import { RotationStore } from './rotation-store.js';
import { SuccessorSeal } from './successor-seal.js';

/** Makes successors and stores them encrypted for delivery. */
@Injectable()
export class RotationMaker {
  constructor(
    private readonly store: RotationStore,
    private readonly changes: KeyChanges,
    private readonly issuer: KeyIssuer,
    private readonly seal: SuccessorSeal,
  ) {}

  /**
   * Makes the successor of a key. The old key stays as it is until the new one was handed over.
   *
   * @returns false if another replica was first, or the key or the policy no longer exists
   */
  async make(policyId: string, keyId: string): Promise<boolean> {
    const { keys, policies, rotations } = this.store;
    return this.changes.run(SYSTEM_ACTOR, async ({ db, now, audit }) => {
      // Locked first: of several replicas, and of edits, revocations and rotations of the key, only one continues from
      // here.
      const old = await keys.hold(db, keyId, now);
      if (!old || (await keys.pendingSuccessor(db, keyId, now))) return false;
      const policy = await policies.find(db, policyId);
      if (!policy || policy.delivery === null) return false;
      const { record, apiKey } = await this.issuer.issue(db, old, {
        ...{ now, createdBy: SYSTEM_ACTOR.name, rotatedFromId: keyId },
      });
      await rotations.add(db, {
        ...{ id: randomUUID(), policyId, keyId, successorId: record.id, createdAt: now },
        sealed: await this.seal.seal(record.id, apiKey),
      });
      audit({
        action: 'key.created',
        keyId: record.id,
        details: { to_replace: keyId, policy_id: policyId },
      });
      return true;
    });
  }
}
