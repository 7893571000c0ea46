import { Injectable } from '@nestjs/common';
import { MAX_REVOKED_KEYS, type RevokeKeysResponse } from '../../../contracts/keys/key-management.js';
import type { Actor } from '../../audit/audit-writer.js';
import { KeyChanges, type KeyChange } from '../key-changes.js';
import { KeysRepository } from '../keys.repository.js';
import { requireKey } from '../require-key.js';

/** Ends keys for good, one or many in one operation. */
@Injectable()
export class KeyRevocations {
  constructor(
    private readonly keys: KeysRepository,
    private readonly changes: KeyChanges,
  ) {}

  /** A key that is revoked already stays as it is. @throws ProblemError 404 */
  async revoke(actor: Actor, id: string, reason: string | null): Promise<void> {
    await this.changes.run(actor, async (change) => {
      requireKey(await this.keys.find(change.db, id));
      await this.end(change, actor, id, reason);
    });
  }

  /** All or none: where storage fails, no key is revoked. */
  async revokeAll(actor: Actor, ids: readonly string[], reason: string | null): Promise<RevokeKeysResponse> {
    return this.changes.run(actor, async (change) => {
      const wanted = [...new Set(ids)].sort();
      const known = await this.keys.existing(change.db, wanted);
      const revoked: string[] = [];
      for (const id of known) revoked.push(...(await this.end(change, actor, id, reason)));
      const unchanged = known.filter((id) => !revoked.includes(id));
      const unknown = wanted.filter((id) => !known.includes(id));
      return { revoked, unchanged, unknown, remaining: 0 };
    });
  }

  /** The keys of an owner that are usable now, as many as one operation takes. */
  async revokeOwned(actor: Actor, userId: string, reason: string | null): Promise<RevokeKeysResponse> {
    return this.changes.run(actor, async (change) => {
      const ids = await this.keys.usableOf(change.db, userId, change.now);
      const revoked: string[] = [];
      for (const id of ids.slice(0, MAX_REVOKED_KEYS).sort())
        revoked.push(...(await this.end(change, actor, id, reason)));
      const remaining = Math.max(0, ids.length - MAX_REVOKED_KEYS);
      return { revoked, unchanged: [], unknown: [], remaining };
    });
  }

  /**
   * Within an operation. An undelivered successor is revoked with its key: otherwise a delivery under way would
   * replace the revoked key by a valid one.
   *
   * @returns ids of the keys that were not revoked before
   */
  async end(change: KeyChange, actor: Actor, id: string, reason: string | null): Promise<string[]> {
    const { db, now, audit, keyEnded } = change;
    const revoked = await this.keys.revoke(db, id, { at: now, by: actor.name, reason });
    if (!revoked) return [];
    audit({ action: 'key.revoked', keyId: id, details: reason === null ? {} : { reason } });
    keyEnded(id);
    const pending = revoked.rotatedToId === null ? await this.keys.pendingSuccessor(db, id, now) : undefined;
    if (!pending) return [id];
    return [id, ...(await this.end(change, actor, pending.id, 'the key that it was to replace was revoked'))];
  }
}
