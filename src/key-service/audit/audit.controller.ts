import { Controller, Get } from '@nestjs/common';
import type { AuditEntryResource, AuditResponse, AuditVerification } from '../../contracts/audit.js';
import { ROUTE_AUDIT } from '../../contracts/routes.js';
import { QueryFields } from '../request-fields/json-body.decorator.js';
import { utc } from '../request-fields/field-validators.js';
import { Database } from '../storage/database.js';
import { AuditVerifier } from './audit-verifier.js';
import { DEFAULT_AUDIT_PAGE, ListAuditFields } from './audit.fields.js';
import { AuditRepository, type AuditRow } from './audit.repository.js';

/** `/api/v1/audit`, with an admin token. */
@Controller(ROUTE_AUDIT)
export class AuditController {
  constructor(
    private readonly database: Database,
    private readonly log: AuditRepository,
    private readonly verifier: AuditVerifier,
  ) {}

  @Get()
  async list(@QueryFields(ListAuditFields) query: ListAuditFields): Promise<AuditResponse> {
    const limit = Number(query.limit ?? DEFAULT_AUDIT_PAGE);
    const rows = await this.log.list(
      this.database,
      { keyId: query.key_id?.toLowerCase(), action: query.action, from: utc(query.from), to: utc(query.to) },
      { limit: limit + 1, beforeSeq: query.cursor === undefined ? undefined : Number(query.cursor) },
    );
    const entries = rows.slice(0, limit).map(toResource);
    return { entries, next_cursor: rows.length > limit ? String(entries.at(-1)?.seq) : null };
  }

  @Get('verify')
  verify(): Promise<AuditVerification> {
    return this.verifier.verify();
  }
}

function toResource(row: AuditRow): AuditEntryResource {
  return { ...row, details: JSON.parse(row.details) as Record<string, unknown> };
}
