import { Controller, Get, HttpCode, Post } from '@nestjs/common';
import type { RefusalRecord, RefusalSummaryResponse } from '../../../contracts/usage/refusals.js';
import { ROUTE_REFUSALS, ROUTE_REFUSALS_SUMMARY } from '../../../contracts/http/routes.js';
import type { UsageAcceptedResponse } from '../../../contracts/usage/usage.js';
import { AlsoForServices } from '../../admin-auth/also-for-services.decorator.js';
import { JsonBody, QueryFields } from '../../request-fields/json-body.decorator.js';
import { parseBatch } from '../../request-fields/parse-fields.js';
import { RefusalBatchFields, RefusalRecordFields, RefusalSummaryFields } from './refusals.fields.js';
import { RefusalsService } from './refusals.service.js';

/** `MAX_REFUSAL_BATCH` records, each of about 500 bytes. */
const BATCH_LIMIT_BYTES = 512 * 1024;

/** Reports of refused keys, from gateways, and their summary, for admins. */
@Controller()
export class RefusalsController {
  constructor(private readonly refusals: RefusalsService) {}

  @Post(ROUTE_REFUSALS)
  @HttpCode(202)
  @AlsoForServices()
  report(
    @JsonBody(RefusalBatchFields, { limitBytes: BATCH_LIMIT_BYTES }) batch: RefusalBatchFields,
  ): Promise<UsageAcceptedResponse> {
    const records: RefusalRecord[] = parseBatch(batch.records, RefusalRecordFields);
    return this.refusals.accept(records);
  }

  @Get(ROUTE_REFUSALS_SUMMARY)
  summary(@QueryFields(RefusalSummaryFields) query: RefusalSummaryFields): Promise<RefusalSummaryResponse> {
    return this.refusals.summary(query);
  }
}
