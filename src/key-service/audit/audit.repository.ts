import { Injectable } from '@nestjs/common';
import type { Database } from '../storage/database.js';
import type { Db } from '../storage/database.schema.js';
import type { ChainLink } from './audit-chain.js';

export interface AuditFilter {
  keyId?: string | undefined;
  /** Any of them. */
  actions?: readonly string[] | undefined;
  actor?: string | undefined;
  requestId?: string | undefined;
  /** RFC 3339 in UTC, inclusive. */
  from?: string | undefined;
  /** RFC 3339 in UTC, exclusive. */
  to?: string | undefined;
}

/** A stored row of the chain. */
export type AuditRow = ChainLink & { hash: string };

/** Reads the audit log; only the writer adds to it. */
@Injectable()
export class AuditRepository {
  /** A page of entries, latest first, all of them older than `beforeSeq`. */
  async list(
    database: Database,
    filter: AuditFilter,
    page: { limit: number; beforeSeq: number | undefined },
  ): Promise<AuditRow[]> {
    let query = matching(database.db, filter).orderBy('seq', 'desc').limit(page.limit);
    if (page.beforeSeq !== undefined) query = query.where('seq', '<', page.beforeSeq);
    return database.readMany(query.compile());
  }

  /** The same in the order in which they were written, after `afterSeq` and up to `last`. */
  async listForward(
    database: Database,
    filter: AuditFilter,
    page: { limit: number; afterSeq: number; last: number },
  ): Promise<AuditRow[]> {
    const query = matching(database.db, filter)
      .where('seq', '>', page.afterSeq)
      .where('seq', '<=', page.last)
      .orderBy('seq')
      .limit(page.limit);
    return database.readMany(query.compile());
  }

  /** Entries in the order in which they were written, after `seq` and up to `last`. */
  async after(db: Db, seq: number, last: number, limit: number): Promise<AuditRow[]> {
    return db
      .selectFrom('audit_log')
      .selectAll()
      .where('seq', '>', seq)
      .where('seq', '<=', last)
      .orderBy('seq')
      .limit(limit)
      .execute();
  }

  /** The last link, as the writer left it. */
  async head(db: Db): Promise<{ seq: number; hash: string }> {
    return db.selectFrom('audit_head').select(['seq', 'hash']).where('id', '=', 1).executeTakeFirstOrThrow();
  }
}

function matching(db: Db, filter: AuditFilter) {
  let query = db.selectFrom('audit_log').selectAll();
  if (filter.keyId !== undefined) query = query.where('key_id', '=', filter.keyId);
  if (filter.actions !== undefined) query = query.where('action', 'in', filter.actions);
  if (filter.actor !== undefined) query = query.where('actor', '=', filter.actor);
  if (filter.requestId !== undefined) query = query.where('request_id', '=', filter.requestId);
  if (filter.from !== undefined) query = query.where('at', '>=', filter.from);
  if (filter.to !== undefined) query = query.where('at', '<', filter.to);
  return query;
}
