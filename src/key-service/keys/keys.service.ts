import { Injectable } from '@nestjs/common';
import { ProblemError } from '../../lib/http/problem-error.js';
import type { Db } from '../storage/database.schema.js';
import { newEndOf } from './ends/key-end.js';
import type { Actor } from '../audit/audit-writer.js';
import { Database } from '../storage/database.js';
import { ServicesRepository } from '../services/services.repository.js';
import { formUsedTwice } from './form-used-twice.js';
import { KeyChanges, type KeyChange } from './key-changes.js';
import { KeyIssuer, type IssuedKey, type KeySpec } from './key-issuer.js';
import { requireNarrowScopes } from './key-grants.js';
import { changesNothing, describeChanges, touchesFacts } from './key-changeset.js';
import type { KeyRecord } from '../records/key-record.js';
import { KeysRepository, type KeyChangeset } from './keys.repository.js';
import { requireKey, requireUsable } from './require-key.js';

/** What an edit changes; whether an end is allowed depends on the present end of the key. */
export type KeyEdit = Omit<KeyChangeset, 'expiresAt'> & { expiresAt?: string };

/** Issues keys, shows them and changes them. */
@Injectable()
export class KeysService {
  constructor(
    private readonly database: Database,
    private readonly keys: KeysRepository,
    private readonly changes: KeyChanges,
    private readonly issuer: KeyIssuer,
    private readonly services: ServicesRepository,
  ) {}

  /** The current time as records have it. */
  now(): string {
    return this.changes.now();
  }

  /**
   * @param newId id that the key is to have, so that a request which is sent twice makes one key
   * @throws ProblemError 409 where there is a key with that id
   */
  async create(actor: Actor, spec: KeySpec, newId?: string): Promise<IssuedKey> {
    return this.changes.run(actor, async ({ db, now, audit }) => {
      await this.requireCreatable(db, spec, newId);
      const origin = { now, createdBy: actor.name, ...(newId !== undefined && { id: newId }) };
      const issued = await this.issuer.issue(db, spec, origin);
      const { id, name, serviceId, serviceIds, userId, environment, scopes, grants, expiresAt } =
        issued.record;
      audit({
        action: 'key.created',
        keyId: id,
        details: {
          name,
          service_id: serviceId,
          ...(serviceIds.length > 1 && { service_ids: serviceIds }),
          user_id: userId,
          environment,
          scopes,
          ...(grants !== null && { grants }),
          expires_at: expiresAt,
        },
      });
      return issued;
    });
  }

  /** Whether `create` would make such a key now. @throws ProblemError as `create` does */
  async requireSpec(spec: KeySpec, newId: string): Promise<void> {
    await this.requireCreatable(this.database.reads, spec, newId);
  }

  /** @throws ProblemError 404 */
  async get(id: string): Promise<KeyRecord> {
    return requireKey(await this.keys.find(this.database.reads, id));
  }

  /** @throws ProblemError 404; 409 for an expired or revoked key; 400 for an end that it may not have */
  async update(actor: Actor, id: string, edit: KeyEdit): Promise<KeyRecord> {
    return this.changes.run(actor, async (change) => {
      const { db, now } = change;
      const before = requireKey(await this.keys.find(db, id));
      requireUsable(before, now);
      const changeset = await this.changesetOf(db, before, edit, now);
      if (changesNothing(changeset)) return before;
      const after = await this.apply(change, before, changeset);
      // An undelivered successor gets the same edit: it must not keep a right that was taken away.
      const pending = after.rotatedToId === null ? await this.keys.pendingSuccessor(db, id, now) : undefined;
      if (pending) await this.apply(change, pending, withoutLongerLife(changeset, pending));
      return after;
    });
  }

  private async requireCreatable(db: Db, spec: KeySpec, newId?: string): Promise<void> {
    requireNarrowScopes(spec);
    const field = spec.serviceIds.length === 1 ? 'service_id' : 'service_ids';
    await this.services.requireRegistered(db, spec.serviceIds, field);
    if (newId !== undefined && (await this.keys.find(db, newId))) throw formUsedTwice();
  }

  private async apply(change: KeyChange, before: KeyRecord, changeset: KeyChangeset): Promise<KeyRecord> {
    const after = await this.keys.update(change.db, before.id, changeset, change.now);
    if (!after) throw new ProblemError('conflict');
    // Checked in the transaction on the changed key, because a change of scopes and one of grants may come at the same
    // time.
    requireNarrowScopes(after);
    change.audit({ action: 'key.updated', keyId: before.id, details: describeChanges(before, after) });
    if (touchesFacts(changeset)) change.factsChanged(before.id);
    return after;
  }

  private async changesetOf(db: Db, before: KeyRecord, edit: KeyEdit, now: string): Promise<KeyChangeset> {
    const { serviceIds } = edit;
    if (serviceIds !== undefined) await this.services.requireRegistered(db, serviceIds, 'service_ids');
    const services = serviceIds && {
      serviceIds,
      serviceId: serviceIds.includes(before.serviceId) ? before.serviceId : (serviceIds[0] as string),
    };
    if (edit.expiresAt === undefined) return { ...edit, ...services };
    const successor = before.rotatedToId === null ? undefined : await this.keys.find(db, before.rotatedToId);
    return { ...edit, ...services, expiresAt: newEndOf(before, successor, edit.expiresAt, now) };
  }
}

function withoutLongerLife({ expiresAt, ...changeset }: KeyChangeset, key: KeyRecord): KeyChangeset {
  const earlier = typeof expiresAt === 'string' && (key.expiresAt === null || expiresAt < key.expiresAt);
  return earlier ? { ...changeset, expiresAt } : changeset;
}
