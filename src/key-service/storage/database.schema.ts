import type { Generated, Kysely } from 'kysely';
import type { UsageSource } from '../../contracts/usage/usage.js';
import type { ResourceKind, UsedResource } from '../../contracts/access/used-resources.js';

/**
 * Tables as both engines hand them over: times are RFC 3339 texts in UTC with milliseconds, JSON is text,
 * and SQLite's booleans are 0 and 1.
 */
export interface Tables {
  api_keys: ApiKeysTable;
  api_key_usage: ApiKeyUsageTable;
  usage_by_endpoint: UsageByEndpointTable;
  usage_by_key: UsageByKeyTable;
  usage_by_resource: UsageByResourceTable;
  usage_by_owner: UsageByOwnerTable;
  usage_weeks: UsageWeeksTable;
  key_refusals: KeyRefusalsTable;
  services: ServicesTable;
  unregistered_services: UnregisteredServicesTable;
  key_notices: KeyNoticesTable;
  ended_console_sessions: EndedConsoleSessionsTable;
  rotation_policies: RotationPoliciesTable;
  key_rotations: KeyRotationsTable;
  audit_log: AuditLogTable;
  audit_head: AuditHeadTable;
  invalidation_outbox: InvalidationOutboxTable;
  schema_compatibility: SchemaCompatibilityTable;
}

/** A connection pool or a transaction: repositories take either. */
export type Db = Kysely<Tables>;

export type StoredBoolean = boolean | 0 | 1;

export interface ApiKeysTable {
  /** UUID. */
  id: string;
  /** Base64url HMAC-SHA-256 of the key, or the bcrypt hash of an imported one. */
  key_hash: string;
  hash_algorithm: 'hmac-sha256' | 'bcrypt';
  /** First characters of the key, for people; bcrypt hashes are looked up by it. */
  key_prefix: string;
  user_id: string | null;
  service_id: string;
  /** JSON array of texts, `service_id` among them; null is that alone. */
  service_ids: string | null;
  name: string;
  environment: string;
  /** JSON array of texts. */
  scopes: string;
  rate_limit_per_hour: number | null;
  burst: number | null;
  searches_per_minute: number | null;
  writes_per_minute: number | null;
  /** JSON array of addresses and CIDR blocks. */
  allowed_ips: string | null;
  /** JSON object of grants. */
  grants: string | null;
  created_at: string;
  expires_at: string | null;
  last_used_at: string | null;
  revoked_at: string | null;
  /** False once revoked, or expired and swept. */
  is_active: StoredBoolean;
  /** The key that took this one's place. */
  rotated_to_id: string | null;
  /** The key whose place this one took. */
  rotated_from_id: string | null;
  description: string | null;
  /** Who made and who revoked it, as the audit log names them; null where nobody kept it. */
  created_by: string | null;
  revoked_by: string | null;
  revoke_reason: string | null;
}

export interface ApiKeyUsageTable {
  /** UUID, the caller's where it gave one: a batch sent twice counts once. */
  id: string;
  api_key_id: string;
  endpoint: string;
  timestamp: string;
  response_time_ms: number;
  status_code: number;
  bytes_in: number;
  bytes_out: number;
  client_ip: string | null;
  /** Null where the reporter did not say. */
  source: UsageSource | null;
  /** Whether it is in the sums below. */
  summed: Generated<StoredBoolean>;
}

/** A record as it is inserted. */
export type UsageRow = Omit<ApiKeyUsageTable, 'summed'>;

/** Sums of records; requests by `UsageStatus`. */
export interface UsageSums {
  answered: number;
  client_error: number;
  limited: number;
  server_error: number;
  bytes_in: number;
  bytes_out: number;
}

export interface UsageByEndpointTable extends UsageSums {
  period: 'hour' | 'day';
  /** Start of the hour or day in UTC. */
  period_start: string;
  /** The service of the key when the record was summed up. */
  service_id: string;
  endpoint: string;
}

export interface UsageByKeyTable extends UsageSums {
  /** A week begins on Monday; which weeks there are, `usage_weeks` says. */
  period: 'hour' | 'day' | 'week';
  period_start: string;
  api_key_id: string;
}

/** Weeks that are in `usage_by_key` for every key that was used in them. */
export interface UsageWeeksTable {
  /** Monday, its first instant in UTC. */
  period_start: string;
  /** Of all keys: another number in the sums of days means that they have changed since. */
  requests: number;
}

/**
 * Kinds of rows beside those of resources: what requests needed of scopes, those of keys whose grants nobody asked, and those
 * with things that there was no room for.
 */
export const USED_KINDS = ['scope', 'unseen', 'more'] as const;

/** What a key used, by the day. */
export interface UsageByResourceTable {
  api_key_id: string;
  /** Start of the day in UTC. */
  period_start: string;
  kind: ResourceKind | (typeof USED_KINDS)[number];
  /** Id of an experiment, or what a request needed; empty without one, as all that follows. */
  resource_id: string;
  name: string;
  level: UsedResource['level'] | '';
  requests: number;
  last_used_at: string;
}

export interface KeyNoticesTable {
  /** UUID; the receiver of the webhook knows a repetition by it. */
  id: string;
  key_id: string;
  notice: KeyNotice;
  /** The end of the key, its last use or its beginning: another one is another occasion. */
  about: string;
  created_at: string;
  /** When it is to be sent; null once it was, and where nobody is to be told. */
  due_at: string | null;
  attempts: number;
  delivered_at: string | null;
}

/** Days before the end of a key, and days without use; and a rotation that nobody does but a person. */
export const KEY_NOTICES = ['expires-14d', 'expires-7d', 'expires-1d', 'unused-90d', 'rotation-due'] as const;
export type KeyNotice = (typeof KEY_NOTICES)[number];

export interface RotationPoliciesTable {
  /** UUID. */
  id: string;
  /** The three columns below as one string, which is unique. */
  subject: string;
  /** The higher one applies if several match a key. */
  rank: number;
  key_id: string | null;
  service_id: string | null;
  environment: string | null;
  max_age_days: number;
  overlap_seconds: number;
  /** Null: it only warns. */
  delivery: string | null;
  secret_id: string | null;
  description: string | null;
  created_at: string;
  created_by: string;
}

export interface KeyRotationsTable {
  /** UUID; the receiver knows a repetition by it. */
  id: string;
  policy_id: string;
  /** The key that is replaced. */
  key_id: string;
  successor_id: string;
  /** The successor itself, encrypted and bound to its id; null as soon as it was handed over. */
  sealed: string | null;
  created_at: string;
  /** Not to be handed over before this time. */
  due_at: string;
  /** Until then the attempt of one replica may be under way. */
  leased_until: string | null;
  /** Attempts that were begun. */
  attempts: number;
  last_error: string | null;
  /** Null while it is not handed over. */
  outcome: KeyRotationOutcome | null;
  settled_at: string | null;
}

export type KeyRotationOutcome = 'delivered' | 'cancelled';

export interface ServicesTable {
  id: string;
  description: string | null;
  created_at: string;
  created_by: string;
}

export interface UnregisteredServicesTable {
  /** Empty for every string that cannot be the id of a service. */
  service_id: string;
  validations: number;
  first_at: string;
  last_at: string;
  /** The key that was shown last. */
  last_key_id: string;
}

export interface UsageByOwnerTable extends UsageSums {
  period: 'hour' | 'day';
  period_start: string;
  /** The owner of the key when the record was summed up; empty for none. */
  user_id: string;
  service_id: string;
}

export interface KeyRefusalsTable {
  /** UUID, the gateway's: a batch sent twice counts once. */
  id: string;
  minute: string;
  reason: string;
  network: string | null;
  key_prefix: string | null;
  key_id: string | null;
  refusals: number;
}

export interface EndedConsoleSessionsTable {
  /** UUID. */
  id: string;
  ends_at: string;
}

export interface AuditLogTable {
  /** 1, 2, 3, … without a gap. */
  seq: number;
  at: string;
  action: string;
  /** Who did it: `admin:<name or fingerprint of the token>`, `system` or `import`. */
  actor: string;
  key_id: string | null;
  request_id: string | null;
  client_ip: string | null;
  /** JSON object, exactly as it was hashed. */
  details: string;
  prev_hash: string;
  hash: string;
}

/** One row: the last link of the chain, so that a cut tail shows. */
export interface AuditHeadTable {
  id: 1;
  seq: number;
  hash: string;
}

export interface InvalidationOutboxTable {
  id: Generated<number>;
  key_id: string;
  url: string;
  created_at: string;
  /** Not to be sent before this time. */
  due_at: string;
  attempts: number;
  lane: InvalidationLane;
}

/** Gateways get keys that have ended before keys that only changed. */
export const INVALIDATION_LANES = ['revocation', 'change'] as const;
export type InvalidationLane = (typeof INVALIDATION_LANES)[number];

/** One row. */
export interface SchemaCompatibilityTable {
  id: 1;
  /** Oldest schema version whose program can work on this database. */
  min_reader: number;
}
