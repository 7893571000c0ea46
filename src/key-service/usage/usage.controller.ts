import { Controller, Get, HttpCode, Post } from '@nestjs/common';
import {
  ROUTE_KEYS,
  ROUTE_USAGE,
  ROUTE_USAGE_SERIES,
  ROUTE_USAGE_SUMMARY,
} from '../../contracts/http/routes.js';
import type { GrantSuggestionResponse } from '../../contracts/usage/grant-suggestion.js';
import type { UsageSeriesResponse } from '../../contracts/usage/usage-series.js';
import type { KeyLineageResponse } from '../../contracts/keys/key-management.js';
import type {
  KeyUsageResponse,
  UsageAcceptedResponse,
  UsageSummaryResponse,
} from '../../contracts/usage/usage.js';
import { AlsoForServices } from '../admin-auth/also-for-services.decorator.js';
import { JsonBody, QueryFields } from '../request-fields/json-body.decorator.js';
import { KeyId } from '../request-fields/key-id.decorator.js';
import { KeyLineage } from '../keys/key-lineage.js';
import { toResource } from '../keys/key-resource.js';
import { KeysService } from '../keys/keys.service.js';
import { GrantSuggestions } from './grant-suggestion/grant-suggestions.js';
import {
  GrantSuggestionFields,
  parseRecords,
  UsageBatchFields,
  UsageQueryFields,
  UsageRecordFields,
  UsageSummaryFields,
} from './usage.fields.js';
import { UsageSeriesFields } from './series/usage-series.fields.js';
import { UsageSeriesService } from './series/usage-series.service.js';
import { UsageService } from './usage.service.js';

/** `MAX_USAGE_BATCH` records, each of about 1 KB; a gateway halves a batch that is too long. */
const BATCH_LIMIT_BYTES = 1024 * 1024;

/** Reports of usage, from services, and summaries, for admins. */
@Controller()
export class UsageController {
  constructor(
    private readonly usage: UsageService,
    private readonly series: UsageSeriesService,
    private readonly keys: KeysService,
    private readonly lineages: KeyLineage,
    private readonly suggestions: GrantSuggestions,
  ) {}

  @Post(ROUTE_USAGE)
  @HttpCode(202)
  @AlsoForServices()
  report(
    @JsonBody(UsageBatchFields, { limitBytes: BATCH_LIMIT_BYTES }) batch: UsageBatchFields,
  ): Promise<UsageAcceptedResponse> {
    return this.usage.accept(parseRecords(batch), (index) => `records.${index}.timestamp`);
  }

  @Post(`${ROUTE_USAGE}/:key_id`)
  @HttpCode(202)
  @AlsoForServices()
  async reportOne(
    @KeyId('key_id') keyId: string,
    @JsonBody(UsageRecordFields) record: UsageRecordFields,
  ): Promise<UsageAcceptedResponse> {
    await this.keys.get(keyId);
    return this.usage.accept([{ ...record, key_id: keyId }], () => 'timestamp');
  }

  @Get(ROUTE_USAGE_SUMMARY)
  summary(@QueryFields(UsageSummaryFields) query: UsageSummaryFields): Promise<UsageSummaryResponse> {
    return this.usage.summary(query, { keyId: query.key_id?.toLowerCase(), serviceId: query.service_id });
  }

  @Get(ROUTE_USAGE_SERIES)
  overTime(@QueryFields(UsageSeriesFields) query: UsageSeriesFields): Promise<UsageSeriesResponse> {
    return this.series.series(query);
  }

  @Get(`${ROUTE_KEYS}/:id/lineage`)
  async lineage(@KeyId() id: string): Promise<KeyLineageResponse> {
    const records = await this.lineages.of(id);
    const from = await this.usage.lastAddresses(records.map((record) => record.id));
    const now = this.keys.now();
    return {
      keys: records.map((record) => ({
        ...toResource(record, now),
        last_used_from: from.get(record.id) ?? null,
      })),
    };
  }

  @Get(`${ROUTE_KEYS}/:id/grant-suggestion`)
  suggestGrants(
    @KeyId() id: string,
    @QueryFields(GrantSuggestionFields) { days }: GrantSuggestionFields,
  ): Promise<GrantSuggestionResponse> {
    return this.suggestions.of(id, days === undefined ? undefined : Number(days));
  }

  @Get(`${ROUTE_KEYS}/:id/usage`)
  async ofKey(
    @KeyId() id: string,
    @QueryFields(UsageQueryFields) query: UsageQueryFields,
  ): Promise<KeyUsageResponse> {
    const { lastUsedAt } = await this.keys.get(id);
    const summary = await this.usage.summary(query, { keyId: id });
    const lastUsedBy = await this.usage.lastUsedBy(query, id);
    return { ...summary, key_id: id, last_used_at: lastUsedAt, last_used_by: lastUsedBy };
  }
}
