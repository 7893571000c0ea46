/** Refused keys, from gateways to the key service and its administrators: `/api/v1/refusals`. */

/** Refusals of one minute that are alike. */
export interface RefusalRecord {
  /** Unique per record, so that a batch sent twice counts once. UUID. */
  id: string;
  /** RFC 3339, the start of the minute. */
  minute: string;
  /** Why, in one of the gateway's few words, such as `expired` or `missing`. */
  reason: string;
  /** The address, or the /64 of an IPv6 one; null for many that were counted together. */
  network: string | null;
  /** First characters of the key where it has the format of one. */
  key_prefix: string | null;
  /** Where the key is known. */
  key_id: string | null;
  count: number;
}

/** Body of `POST /refusals`: at most `MAX_REFUSAL_BATCH` records. 202 is a `UsageAcceptedResponse`. */
export interface RefusalBatchRequest {
  records: RefusalRecord[];
}

export const MAX_REFUSAL_BATCH = 1000;

/** Entries of each list of a summary. */
export const MAX_REFUSAL_ROWS = 50;

/** 200 of `GET /refusals/summary`. */
export interface RefusalSummaryResponse {
  /** RFC 3339, whole periods in UTC. */
  from: string;
  to: string;
  period: 'minute' | 'hour' | 'day';
  total: number;
  /** All reasons, most frequent first; `points` are the refusals of each period from `from` on. */
  reasons: { reason: string; count: number; points: number[] }[];
  /** Most frequent first. */
  networks: { network: string | null; count: number; last_at: string }[];
  prefixes: { key_prefix: string; count: number; last_at: string }[];
  keys: { key_id: string; name: string | null; count: number; last_at: string }[];
}
