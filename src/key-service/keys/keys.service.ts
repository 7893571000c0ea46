import { Injectable } from '@nestjs/common';
import { ProblemError } from '../../lib/problem-error.js';
import { Clock } from '../../platform/clock.js';
import type { Actor } from '../audit/audit-writer.js';
import { Database } from '../storage/database.js';
import { KeyChanges } from './key-changes.js';
import { decodeCursor, encodeCursor } from './key-cursor.js';
import { KeyIssuer, type IssuedKey, type KeySpec } from './key-issuer.js';
import { requireNarrowScopes } from './key-grants.js';
import { changesNothing, describeChanges, touchesFacts } from './key-changeset.js';
import type { KeyRecord } from '../records/key-record.js';
import { KeysRepository, type KeyChangeset, type KeyFilter } from './keys.repository.js';
import { requireKey, requireUsable } from './require-key.js';

export interface KeyPage {
  records: KeyRecord[];
  /** Undefined on the last page. */
  nextCursor: string | undefined;
}

/** Issues keys, shows them, changes and revokes them. */
@Injectable()
export class KeysService {
  constructor(
    private readonly database: Database,
    private readonly keys: KeysRepository,
    private readonly changes: KeyChanges,
    private readonly issuer: KeyIssuer,
    private readonly clock: Clock,
  ) {}

  /** The current time as records have it. */
  now(): string {
    return new Date(this.clock.now()).toISOString();
  }

  async create(actor: Actor, spec: KeySpec): Promise<IssuedKey> {
    return this.changes.run(actor, async ({ db, now, audit }) => {
      requireNarrowScopes(spec);
      const issued = await this.issuer.issue(db, spec, now);
      const { id, name, serviceId, userId, environment, scopes, grants, expiresAt } = issued.record;
      audit({
        action: 'key.created',
        keyId: id,
        details: {
          name,
          service_id: serviceId,
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

  /** @throws ProblemError 404 */
  async get(id: string): Promise<KeyRecord> {
    return requireKey(await this.keys.find(this.database.reads, id));
  }

  /** @throws ProblemError 400 for a cursor that no list has handed out */
  async list(filter: KeyFilter, page: { limit: number; cursor: string | undefined }): Promise<KeyPage> {
    const after = page.cursor === undefined ? undefined : decodeCursor(page.cursor);
    if (page.cursor !== undefined && after === undefined)
      throw new ProblemError('invalid-fields', {
        fields: [{ field: 'cursor', message: 'must be a next_cursor of an earlier answer' }],
      });
    const limit = page.limit + 1;
    const records = await this.keys.list(this.database, filter, { limit, after, now: this.now() });
    const shown = records.slice(0, page.limit);
    const last = shown.at(-1);
    return { records: shown, nextCursor: records.length === limit && last ? encodeCursor(last) : undefined };
  }

  /** @throws ProblemError 404; 409 for an expired or revoked key */
  async update(actor: Actor, id: string, changeset: KeyChangeset): Promise<KeyRecord> {
    return this.changes.run(actor, async ({ db, now, audit, factsChanged }) => {
      const before = requireKey(await this.keys.find(db, id));
      requireUsable(before, now);
      if (changesNothing(changeset)) return before;
      const after = await this.keys.update(db, id, changeset, now);
      if (!after) throw new ProblemError('conflict');
      // Within the transaction, on what it has become: a change of scopes and one of grants may come at the same time.
      requireNarrowScopes(after);
      audit({ action: 'key.updated', keyId: id, details: describeChanges(before, after) });
      if (touchesFacts(changeset)) factsChanged(id);
      return after;
    });
  }

  /** Revokes a key for good; a key that is revoked already stays as it is. @throws ProblemError 404 */
  async revoke(actor: Actor, id: string): Promise<void> {
    await this.changes.run(actor, async ({ db, now, audit, keyEnded }) => {
      requireKey(await this.keys.find(db, id));
      if (!(await this.keys.revoke(db, id, now))) return;
      audit({ action: 'key.revoked', keyId: id, details: {} });
      keyEnded(id);
    });
  }
}
