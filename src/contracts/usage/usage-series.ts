/** Usage over time, from the key service to the CLI, the SDK and charts: `GET /api/v1/usage/series`. */

/** How answers are told apart: below 400, 400 to 499 without 429, 429, and 500 and above. */
export const USAGE_STATUSES = ['answered', 'client_error', 'limited', 'server_error'] as const;
export type UsageStatus = (typeof USAGE_STATUSES)[number];

export const USAGE_GROUPINGS = ['status', 'key', 'endpoint', 'user', 'service'] as const;
export type UsageGrouping = (typeof USAGE_GROUPINGS)[number];

export const USAGE_PERIODS = ['minute', 'hour', 'day'] as const;
export type UsagePeriod = (typeof USAGE_PERIODS)[number];

/** Series of one answer; the others are summed up in `rest`. */
export const MAX_USAGE_SERIES = 100;
export const DEFAULT_USAGE_SERIES = 10;

/** Requests by how they were answered, and bytes. */
export type UsageStatusTotals = Record<UsageStatus | 'requests' | 'bytes_in' | 'bytes_out', number>;

export interface UsageSeries {
  /** Key id, endpoint, user id, service id or status; null is what has no user. */
  group: string | null;
  /** Name of the key; null for all other groups. */
  name: string | null;
  /** Sum of the points. */
  requests: number;
  /** Requests of each period from `from` on. */
  points: number[];
}

/** 200 of `GET /usage/series`. */
export interface UsageSeriesResponse {
  /** RFC 3339, the start of a period; earlier than asked for where that lies within a period. */
  from: string;
  /** RFC 3339, exclusive, the end of a period. */
  to: string;
  period: UsagePeriod;
  group_by: UsageGrouping;
  /** Of everything in the range that the filters leave, whatever the status. */
  totals: UsageStatusTotals;
  /** The groups with most requests, largest first; by status in the order of `USAGE_STATUSES`. */
  series: UsageSeries[];
  /** The sum of the other groups; null if all are in `series`. */
  rest: { groups: number; requests: number; points: number[] } | null;
  /** False while records of an earlier release are still being summed up: sums may be too small. */
  complete: boolean;
}
