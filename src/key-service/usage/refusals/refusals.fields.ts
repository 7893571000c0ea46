import { ArrayMaxSize, IsArray, IsIn, IsInt, IsOptional, IsUUID, Matches, Max, Min } from 'class-validator';
import { MAX_REFUSAL_BATCH, type RefusalRecord } from '../../../contracts/usage/refusals.js';
import { USAGE_PERIODS, type UsagePeriod } from '../../../contracts/usage/usage-series.js';
import { IsInstant, IsPlainText } from '../../request-fields/field-validators.js';
import { TimeRangeFields } from '../../request-fields/time-range.fields.js';

export const REFUSAL_REASON = /^[a-z][a-z0-9_-]{0,63}$/;
/** Characters. */
export const MAX_NETWORK = 64;
export const MAX_SHOWN_PREFIX = 20;
export const MAX_COUNT = 1_000_000_000;

/** One record of `POST /refusals`. Its key may be one of another auth service, so its id is any text. */
export class RefusalRecordFields implements RefusalRecord {
  @IsUUID('all', { message: 'must be a UUID' })
  id!: string;

  @IsInstant()
  minute!: string;

  @Matches(REFUSAL_REASON, { message: 'must be a word of lower-case letters, digits, dashes or underscores' })
  reason!: string;

  @IsOptional()
  @IsPlainText(MAX_NETWORK)
  network: string | null = null;

  @IsOptional()
  @IsPlainText(MAX_SHOWN_PREFIX)
  key_prefix: string | null = null;

  @IsOptional()
  @IsPlainText(255)
  key_id: string | null = null;

  @IsInt()
  @Min(1)
  @Max(MAX_COUNT)
  count!: number;
}

/** Body of `POST /refusals`. */
export class RefusalBatchFields {
  @IsArray()
  @ArrayMaxSize(MAX_REFUSAL_BATCH)
  records!: unknown[];
}

/** Query of `GET /refusals/summary`. */
export class RefusalSummaryFields extends TimeRangeFields {
  @IsOptional()
  @IsIn(USAGE_PERIODS)
  period?: UsagePeriod;

  @IsOptional()
  @Matches(REFUSAL_REASON, { message: 'must be a reason of the list' })
  reason?: string;
}
