import { Controller, Get, Res } from '@nestjs/common';
import type { Response } from 'express';
import type { AuditResponse, AuditVerification } from '../../contracts/admin/audit.js';
import { ROUTE_AUDIT } from '../../contracts/http/routes.js';
import { QueryFields } from '../request-fields/json-body.decorator.js';
import { sendAuditLines } from './audit-export.js';
import { AuditLog } from './audit-log.js';
import { AuditVerifier } from './audit-verifier.js';
import { AuditFilterFields, ListAuditFields } from './audit.fields.js';

/** `/api/v1/audit`, with an admin token. */
@Controller(ROUTE_AUDIT)
export class AuditController {
  constructor(
    private readonly log: AuditLog,
    private readonly verifier: AuditVerifier,
  ) {}

  @Get()
  list(@QueryFields(ListAuditFields) query: ListAuditFields): Promise<AuditResponse> {
    return this.log.page(query);
  }

  @Get('export')
  export(@QueryFields(AuditFilterFields) query: AuditFilterFields, @Res() response: Response): Promise<void> {
    return sendAuditLines(response, this.log.lines(query));
  }

  @Get('verify')
  verify(): Promise<AuditVerification> {
    return this.verifier.verify();
  }
}
