import { Injectable } from '@nestjs/common';
import type { AuditEntryResource, AuditResponse } from '../../contracts/admin/audit.js';
import { utc } from '../request-fields/field-validators.js';
import { Database } from '../storage/database.js';
import { DEFAULT_AUDIT_PAGE, type AuditFilterFields, type ListAuditFields } from './audit.fields.js';
import { AuditRepository, type AuditFilter, type AuditRow } from './audit.repository.js';

const ROWS_PER_READ = 500;

/** Reads the audit log for people and programs. */
@Injectable()
export class AuditLog {
  constructor(
    private readonly database: Database,
    private readonly log: AuditRepository,
  ) {}

  /** A page, latest first. */
  async page(query: ListAuditFields): Promise<AuditResponse> {
    const limit = Number(query.limit ?? DEFAULT_AUDIT_PAGE);
    const rows = await this.log.list(this.database, filterOf(query), {
      limit: limit + 1,
      beforeSeq: query.cursor === undefined ? undefined : Number(query.cursor),
    });
    const entries = rows.slice(0, limit).map(toResource);
    return { entries, next_cursor: rows.length > limit ? String(entries.at(-1)?.seq) : null };
  }

  /** JSON lines (application/x-ndjson) of all entries there are at the start, oldest first, several in one string. */
  async *lines(query: AuditFilterFields): AsyncGenerator<string, void, undefined> {
    const filter = filterOf(query);
    const last = (await this.log.head(this.database.reads)).seq;
    for (let afterSeq = 0; ;) {
      const page = { limit: ROWS_PER_READ, afterSeq, last };
      const rows = await this.log.listForward(this.database, filter, page);
      if (rows.length > 0) yield rows.map((row) => `${JSON.stringify(toResource(row))}\n`).join('');
      if (rows.length < ROWS_PER_READ) return;
      afterSeq = rows.at(-1)?.seq ?? last;
    }
  }
}

function filterOf(query: AuditFilterFields): AuditFilter {
  const { action, actor, request_id } = query;
  return {
    keyId: query.key_id?.toLowerCase(),
    actions: action === undefined ? undefined : [action].flat(),
    actor,
    requestId: request_id,
    from: utc(query.from),
    to: utc(query.to),
  };
}

function toResource(row: AuditRow): AuditEntryResource {
  return { ...row, details: JSON.parse(row.details) as Record<string, unknown> };
}
