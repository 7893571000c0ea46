import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock.js';
import { AuditWriter, type Actor, type AuditEntry } from '../audit/audit-writer.js';
import type { KeyInvalidation } from '../invalidation/outbox.repository.js';
import { Outbox } from '../invalidation/outbox.js';
import { Database } from '../storage/database.js';
import type { Db } from '../storage/database.schema.js';

/** One operation on keys: its transaction, its time, its audit entries and its invalidations. */
export interface KeyChange {
  readonly db: Db;
  /** RFC 3339 in UTC with milliseconds; the same for everything that the operation writes. */
  readonly now: string;
  /** Puts what was done into the audit log. */
  readonly audit: (entry: AuditEntry) => void;
  /** Has every gateway forget what it knows of a key. */
  readonly factsChanged: (keyId: string) => void;
  /** The same for a key that is refused from now on: gateways are told of it before other changes. */
  readonly keyEnded: (keyId: string) => void;
}

/**
 * Runs operations on keys so that the change, its audit entry and its invalidations are stored together or not at all.
 */
@Injectable()
export class KeyChanges {
  constructor(
    private readonly database: Database,
    private readonly auditWriter: AuditWriter,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  /** The current time as records have it. */
  now(): string {
    return new Date(this.clock.now()).toISOString();
  }

  async run<T>(actor: Actor, work: (change: KeyChange) => Promise<T>): Promise<T> {
    const changed: KeyInvalidation[] = [];
    const result = await this.database.transaction(async (db) => {
      const entries: AuditEntry[] = [];
      const now = this.now();
      const done = await work({
        db,
        now,
        audit: (entry) => entries.push(entry),
        factsChanged: (keyId) => changed.push({ keyId, lane: 'change' }),
        keyEnded: (keyId) => changed.push({ keyId, lane: 'revocation' }),
      });
      await this.outbox.add(db, changed, now);
      // Written last, because the head of the chain is locked from here to the commit.
      await this.auditWriter.append(db, actor, now, entries);
      return done;
    });
    if (changed.length > 0) this.outbox.added();
    return result;
  }
}
