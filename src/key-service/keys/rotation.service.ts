import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { ProblemError } from '../../lib/http/problem-error.js';
import type { Actor } from '../audit/audit-writer.js';
import { KeyChanges } from './key-changes.js';
import { KeyIssuer } from './key-issuer.js';
import type { KeyRecord } from '../records/key-record.js';
import { KeysRepository } from './keys.repository.js';
import { requireKey, requireUsable } from './require-key.js';

export interface Rotation {
  successor: KeyRecord;
  /** The successor itself, shown once. */
  apiKey: string;
  /** When the old key ends, RFC 3339. */
  oldKeyExpiresAt: string;
}

/** Replaces a key by a new one, with a time in which both are valid. */
@Injectable()
export class RotationService {
  constructor(
    private readonly keys: KeysRepository,
    private readonly changes: KeyChanges,
    private readonly issuer: KeyIssuer,
  ) {}

  /**
   * The new key has everything of the old one, its expiry too: rotation never extends it. The old key ends after the
   * overlap, or at its own expiry if that is earlier.
   *
   * @throws ProblemError 404; 409 for a key that is expired, revoked, already rotated, or has an undelivered successor
   */
  async rotate(actor: Actor, id: string, overlapSeconds: number): Promise<Rotation> {
    return this.changes.run(actor, async ({ db, now, audit, factsChanged, keyEnded }) => {
      const old = requireKey(await this.keys.find(db, id));
      requireUsable(old, now);
      const end = earlier(old.expiresAt, new Date(Date.parse(now) + overlapSeconds * 1000).toISOString());
      const successorId = randomUUID();
      // Before the new key is made: of concurrent rotations one gets past this line.
      const retired = await this.keys.retire(db, id, successorId, end, now);
      if (!retired) throw alreadyRotated();
      const pending = await this.keys.pendingSuccessor(db, id, now);
      if (pending) throw handedOverSoon(pending);
      // The key as it is now: an edit may have removed rights since it was read.
      const spec = { ...retired, expiresAt: old.expiresAt };
      const { record, apiKey } = await this.issuer.issue(db, spec, {
        ...{ now, createdBy: actor.name, id: successorId, rotatedFromId: id },
      });
      audit({
        action: 'key.rotated',
        keyId: id,
        details: { new_key_id: successorId, overlap_seconds: overlapSeconds, old_key_expires_at: end },
      });
      audit({ action: 'key.created', keyId: successorId, details: { rotated_from: id } });
      (end <= now ? keyEnded : factsChanged)(id);
      return { successor: record, apiKey, oldKeyExpiresAt: end };
    });
  }
}

function earlier(a: string | null, b: string): string {
  return a !== null && a < b ? a : b;
}

function alreadyRotated(): ProblemError {
  return new ProblemError('conflict', {
    message: 'The key has been rotated already. Rotate its successor, or create a new key.',
    reason: 'key-already-rotated',
  });
}

function handedOverSoon({ id }: KeyRecord): ProblemError {
  return new ProblemError('conflict', {
    message: `A rotation policy has made the successor ${id}, which is not delivered yet. Wait for the delivery, or revoke the successor and then rotate the key.`,
    reason: 'key-rotation-pending',
  });
}
