import type { Grants } from '../access/grants.js';

/**
 * What an auth service can say about a valid key: the members of its answer, and what each is. The one list of them.
 * The reader (`lib/validation-answer.ts`), the gateway's facts and stored entries, the key service's answer, its
 * OpenAPI document and the SDK's `ValidKey` are checked against it by their types or by test/contract/key-facts.spec.ts,
 * so a fact that is added here and forgotten there does not compile or fails a test.
 */
export const KEY_FACTS = {
  key_id: 'id',
  user_id: 'id',
  /** The service the key is for. */
  service_id: 'text',
  /** All services the key is for; absent or null is `service_id` alone, an empty list is none. */
  service_ids: 'texts',
  environment: 'text',
  /** Absent or null counts as `mlflow:access`; an empty list is no scope. */
  scopes: 'texts',
  /** Absent or null never expires. */
  expires_at: 'time',
  /** Absent or null is any address, an empty list is none. */
  allowed_ips: 'addresses',
  /** Requests an hour; absent or null is the gateway's default. */
  rate_limit_per_hour: 'limit',
  /** Requests in the burst window; absent or null is the gateway's default. */
  burst: 'limit',
  /** Searches a minute; absent or null is the gateway's default. */
  searches_per_minute: 'limit',
  /** Writes a minute; absent or null is the gateway's default. */
  writes_per_minute: 'limit',
  /** Absent or null: the scopes alone decide. */
  grants: 'grants',
} as const satisfies Record<string, keyof FactShapes>;

/** What a fact is once it is read, by kind. */
export interface FactShapes {
  /** An identifier, at most 256 characters. An integer is read as its decimal digits. */
  id: string;
  /** At most 256 characters. */
  text: string;
  /** At most 1024 texts. */
  texts: readonly string[];
  /** A time of RFC 3339; without a zone it is UTC, as Python's `isoformat()` writes it. */
  time: string;
  /** Addresses and CIDR blocks, at most 1024. */
  addresses: readonly string[];
  /** A positive integer. */
  limit: number;
  /** What of MLflow the key may use, strictly as `Grants` describes it. */
  grants: Grants;
}

export type KeyFactName = keyof typeof KEY_FACTS;

/** Every fact of one key; null where the auth service did not say. */
export type StatedKeyFacts = {
  readonly [Name in KeyFactName]: FactShapes[(typeof KEY_FACTS)[Name]] | null;
};
