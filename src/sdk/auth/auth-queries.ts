import type {
  CreateKeyRequest,
  Environment,
  KeySort,
  KeyStatus,
} from '../../contracts/keys/key-management.js';
import type { UsageGrouping, UsagePeriod, UsageStatus } from '../../contracts/usage/usage-series.js';

/** Body of a creation; `service_id` defaults to the client's own. */
export type CreateKeyInput = Omit<CreateKeyRequest, 'service_id'> & { service_id?: string };

/** A filter with several values takes any of them; times are RFC 3339. */
export interface ListKeysQuery {
  /** Part of a name, prefix, user id or description, or a key id; never a key. */
  readonly q?: string;
  readonly service_id?: string | readonly string[];
  readonly user_id?: string | readonly string[];
  readonly environment?: Environment | readonly Environment[];
  readonly status?: KeyStatus | readonly KeyStatus[];
  readonly expires_before?: string;
  /** Of active keys: a time such as `14d`, `36h` or `90m`. */
  readonly expires_within?: string;
  /** Neither used nor made since. */
  readonly unused_since?: string;
  /** Default `created_at`. */
  readonly sort?: KeySort;
  /** Times of creation and of last use begin with the latest, all else with the smallest. */
  readonly order?: 'asc' | 'desc';
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
  readonly action?: string | readonly string[];
  /** Such as `admin:ana`. */
  readonly actor?: string;
  readonly request_id?: string;
  readonly from?: string;
  readonly to?: string;
  /** Entries a page, at most 200. */
  readonly limit?: number;
  readonly cursor?: string;
}

/** Times are RFC 3339. */
export interface RefusalsQuery {
  readonly from?: string;
  readonly to?: string;
  readonly period?: UsagePeriod;
  /** Such as `expired`. */
  readonly reason?: string;
}
