import type { UsedResource } from '../access/used-resources.js';

/** Usage between gateway, key service, CLI and SDK: `/api/v1/usage`. */

/** What a request came with: its key, or the session of a browser that was signed in with the key. */
export const USAGE_SOURCES = ['key', 'session'] as const;
export type UsageSource = (typeof USAGE_SOURCES)[number];

/** One forwarded request. */
export interface UsageRecord {
  /** Unique per record, so that a batch sent twice counts once. UUID. */
  id: string;
  key_id: string;
  /** Name of the endpoint, such as `POST /api/2.0/mlflow/runs/search`; no ids, no query, nothing that a client chose. */
  endpoint: string;
  /** RFC 3339 time of the answer: at most an hour ahead of the receiver's clock, and 366 days behind it. */
  timestamp: string;
  response_time_ms: number;
  status_code: number;
  bytes_in?: number;
  bytes_out?: number;
  client_ip?: string;
  /** Missing where the reporter does not say. */
  source?: UsageSource;
  /**
   * The scope that the request needed, or several separated by spaces. `any`: any one scope for MLflow. `unknown`: the
   * reporter does not know the call. `none`: the request was refused, or was not for MLflow.
   */
  needed_scope?: string;
  /** What the grants of the key were asked about; missing where they were not, as for a key without grants. */
  resources?: readonly UsedResource[];
  /** How many things beside `resources` there were. */
  more_resources?: number;
}

/** Body of `POST /usage`: at most `MAX_USAGE_BATCH` records. */
export interface UsageBatchRequest {
  records: UsageRecord[];
}

export const MAX_USAGE_BATCH = 1000;

/** Body of `POST /usage/{key_id}`: one record without its key. */
export type UsageRecordRequest = Omit<UsageRecord, 'key_id' | 'id'> & { id?: string };

/** 202 of both. */
export interface UsageAcceptedResponse {
  accepted: number;
  /** Records not taken: unknown key, or the queue was full. */
  dropped: number;
}

/** Rows of one summary. */
export const MAX_USAGE_ROWS = 10_000;

/** One row of a usage summary. */
export interface UsageSummaryRow {
  key_id: string;
  endpoint: string;
  /** Start of the period, RFC 3339. */
  period_start: string;
  requests: number;
  /** Those of `requests` that came with a browser's session. */
  session_requests: number;
  /** Answers with status 400 and above. */
  errors: number;
  response_time_ms_p50: number;
  response_time_ms_p95: number;
  response_time_ms_p99: number;
  bytes_in: number;
  bytes_out: number;
}

/** The sum of the rows that did not fit into a summary. */
export interface UsageSummedUp {
  rows: number;
  requests: number;
  session_requests: number;
  errors: number;
  bytes_in: number;
  bytes_out: number;
}

/** 200 of `GET /usage/summary`. */
export interface UsageSummaryResponse {
  from: string;
  to: string;
  period: 'hour' | 'day';
  total_requests: number;
  total_session_requests: number;
  total_errors: number;
  /** Of all rows those with most requests, at most `MAX_USAGE_ROWS`, in the order of time, key and endpoint. */
  rows: UsageSummaryRow[];
  /** The smaller rows, which are not in `rows`; null where all are. */
  summed_up: UsageSummedUp | null;
}

/** 200 of `GET /keys/{id}/usage`. */
export interface KeyUsageResponse extends UsageSummaryResponse {
  key_id: string;
  last_used_at: string | null;
  /** Addresses that used the key, latest first. */
  last_used_by: { address: string; at: string }[];
}
