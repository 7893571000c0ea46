import { Controller, Get, Res } from '@nestjs/common';
import type { Response } from 'express';
import { pipeline } from 'node:stream/promises';
import type { AuditEntryResource, AuditResponse, AuditVerification } from '../../contracts/audit.js';
import { ROUTE_AUDIT } from '../../contracts/routes.js';
import { QueryFields } from '../request-fields/json-body.decorator.js';
import { utc } from '../request-fields/field-validators.js';
import { Database } from '../storage/database.js';
import { AuditVerifier } from './audit-verifier.js';
import { AuditFilterFields, DEFAULT_AUDIT_PAGE, ListAuditFields } from './audit.fields.js';
import { AuditRepository, type AuditFilter, type AuditRow } from './audit.repository.js';

const ROWS_PER_READ = 500;

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
    const rows = await this.log.list(this.database, filterOf(query), {
      limit: limit + 1,
      beforeSeq: query.cursor === undefined ? undefined : Number(query.cursor),
    });
    const entries = rows.slice(0, limit).map(toResource);
    return { entries, next_cursor: rows.length > limit ? String(entries.at(-1)?.seq) : null };
  }

  /** JSON lines (application/x-ndjson) of all entries there are at the start, as fast as the reader takes them. */
  @Get('export')
  async export(
    @QueryFields(AuditFilterFields) query: AuditFilterFields,
    @Res() response: Response,
  ): Promise<void> {
    const lines = this.lines(filterOf(query));
    // The first page before anything is sent, so that storage which does not answer is a 503.
    const first = await lines.next();
    response.setHeader('content-type', 'application/x-ndjson; charset=utf-8');
    response.setHeader('content-disposition', 'attachment; filename="audit.ndjson"');
    if (first.done) {
      response.end();
      return;
    }
    await pipeline(startingWith(first.value, lines), response).catch(() => response.destroy());
  }

  @Get('verify')
  verify(): Promise<AuditVerification> {
    return this.verifier.verify();
  }

  private async *lines(filter: AuditFilter): AsyncGenerator<string, void, undefined> {
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

async function* startingWith(
  first: string,
  more: AsyncIterable<string>,
): AsyncGenerator<string, void, undefined> {
  yield first;
  yield* more;
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
