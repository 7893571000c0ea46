import type { CreateKeyRequest, Environment } from '../../contracts/key-management.js';
import type { UsageGrouping, UsagePeriod, UsageStatus } from '../../contracts/usage-series.js';

/** Body of a creation; `service_id` defaults to the client's own. */
export type CreateKeyInput = Omit<CreateKeyRequest, 'service_id'> & { service_id?: string };

export interface ListKeysQuery {
  readonly service_id?: string;
  readonly user_id?: string;
  readonly environment?: Environment;
  /** First characters of a key. */
  readonly key_prefix?: string;
  /** Whether it is neither revoked nor expired. */
  readonly is_active?: boolean;
  /** Keys a page, at most 200. */
  readonly limit?: number;
  readonly cursor?: string;
}

/** Times are RFC 3339. */
export interface UsageQuery {
  readonly from?: string;
  readonly to?: string;
  readonly period?: 'hour' | 'day';
}

export interface UsageSummaryQuery extends UsageQuery {
  readonly key_id?: string;
  readonly service_id?: string;
}

/** Times are RFC 3339. */
export interface UsageSeriesQuery {
  readonly from?: string;
  readonly to?: string;
  /** By the minute at most 6 hours, by the hour 31 days, by the day 366 days. */
  readonly period?: UsagePeriod;
  /** Default `status`. */
  readonly group_by?: UsageGrouping;
  /** Series of the answer, 1 to 100; the others are summed up in `rest`. */
  readonly top?: number;
  /** Counted in series and rest; all unless given. */
  readonly status?: UsageStatus;
  readonly key_id?: string;
  readonly user_id?: string;
  readonly service_id?: string;
}

/** Times are RFC 3339. */
export interface AuditQuery {
  readonly key_id?: string;
  /** Such as `key.revoked`. */
  readonly action?: string;
  readonly from?: string;
  readonly to?: string;
  /** Entries a page, at most 200. */
  readonly limit?: number;
  readonly cursor?: string;
}
