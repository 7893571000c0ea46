import { IsIn, IsOptional, IsUUID, Matches } from 'class-validator';
import {
  USAGE_GROUPINGS,
  USAGE_PERIODS,
  USAGE_STATUSES,
  type UsageGrouping,
  type UsagePeriod,
  type UsageStatus,
} from '../../../contracts/usage/usage-series.js';
import { MAX_USER_ID, SERVICE_ID, SERVICE_ID_WORDS } from '../../keys/key-bounds.js';
import { IsPlainText } from '../../request-fields/field-validators.js';
import { TimeRangeFields } from '../../request-fields/time-range.fields.js';

/** Query of `GET /usage/series`. */
export class UsageSeriesFields extends TimeRangeFields {
  @IsOptional()
  @IsIn(USAGE_PERIODS)
  period?: UsagePeriod;

  @IsOptional()
  @IsIn(USAGE_GROUPINGS)
  group_by?: UsageGrouping;

  @IsOptional()
  @Matches(/^(?:[1-9]\d?|100)$/, { message: 'must be a whole number from 1 to 100' })
  top?: string;

  @IsOptional()
  @IsIn(USAGE_STATUSES)
  status?: UsageStatus;

  @IsOptional()
  @IsUUID('all', { message: 'must be a key id' })
  key_id?: string;

  @IsOptional()
  @IsPlainText(MAX_USER_ID)
  user_id?: string;

  @IsOptional()
  @Matches(SERVICE_ID, { message: SERVICE_ID_WORDS })
  service_id?: string;
}
