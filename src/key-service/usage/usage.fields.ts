import {
  ArrayMaxSize,
  IsArray,
  IsIn,
  IsInt,
  IsIP,
  IsOptional,
  IsUUID,
  Matches,
  Max,
  Min,
} from 'class-validator';
import {
  MAX_USAGE_BATCH,
  USAGE_SOURCES,
  type UsageRecord,
  type UsageRecordRequest,
  type UsageSource,
} from '../../contracts/usage/usage.js';
import type { UsedResource } from '../../contracts/access/used-resources.js';
import { IsInstant, IsPlainText } from '../request-fields/field-validators.js';
import { parseBatch } from '../request-fields/parse-fields.js';
import { TimeRangeFields } from '../request-fields/time-range.fields.js';
import { SERVICE_ID, SERVICE_ID_WORDS } from '../keys/key-bounds.js';
import { MAX_ENDPOINT, MAX_MORE_RESOURCES, MAX_RESPONSE_TIME_MS, NEEDED_SCOPE } from './usage-bounds.js';
import { AreUsedResources } from './grant-suggestion/used-resources.fields.js';

/** A record as its caller reports it; one without an id cannot be told from its repetition. */
export type ReportedUsage = UsageRecordRequest & Pick<UsageRecord, 'key_id'>;

/** Body of `POST /usage/{key_id}`. */
export class UsageRecordFields implements UsageRecordRequest {
  @IsOptional()
  @IsUUID('all', { message: 'must be a UUID' })
  id?: string;

  @IsPlainText(MAX_ENDPOINT)
  endpoint!: string;

  @IsInstant()
  timestamp!: string;

  @IsInt()
  @Min(0)
  @Max(MAX_RESPONSE_TIME_MS)
  response_time_ms!: number;

  @IsInt()
  @Min(100)
  @Max(599)
  status_code!: number;

  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  bytes_in?: number;

  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  bytes_out?: number;

  @IsOptional()
  @IsIP()
  client_ip?: string;

  @IsOptional()
  @IsIn(USAGE_SOURCES)
  source?: UsageSource;

  @IsOptional()
  @Matches(NEEDED_SCOPE, { message: 'must be scopes, separated by spaces' })
  needed_scope?: string;

  @IsOptional()
  @AreUsedResources()
  resources?: readonly UsedResource[];

  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(MAX_MORE_RESOURCES)
  more_resources?: number;
}

/** One record of a batch; its key may be one of another auth service, so it is any text. */
class BatchRecordFields extends UsageRecordFields {
  @IsPlainText(255)
  key_id!: string;
}

/** Body of `POST /usage`. */
export class UsageBatchFields {
  @IsArray()
  @ArrayMaxSize(MAX_USAGE_BATCH)
  records!: unknown[];
}

/** @throws ProblemError 400 that names every wrong field as `records.<index>.<field>` */
export function parseRecords(batch: UsageBatchFields): ReportedUsage[] {
  return parseBatch(batch.records, BatchRecordFields);
}

/** Query of `GET /keys/{id}/usage`. */
export class UsageQueryFields extends TimeRangeFields {
  @IsOptional()
  @IsIn(['hour', 'day'])
  period?: 'hour' | 'day';
}

/** Query of `GET /keys/{id}/grant-suggestion`. */
export class GrantSuggestionFields {
  @IsOptional()
  @Matches(/^(?:[1-9]\d?|[12]\d\d|3[0-5]\d|36[0-6])$/, { message: 'must be a whole number from 1 to 366' })
  days?: string;
}

/** Query of `GET /usage/summary`. */
export class UsageSummaryFields extends UsageQueryFields {
  @IsOptional()
  @IsUUID('all', { message: 'must be a key id' })
  key_id?: string;

  @IsOptional()
  @Matches(SERVICE_ID, { message: SERVICE_ID_WORDS })
  service_id?: string;
}
