/** Key management between the key service, the CLI and the SDK: `/api/v1/keys`. Times are RFC 3339 in UTC. */

import type { Grants } from '../access/grants.js';
import type { KeyFactName } from './key-facts.js';

export const ENVIRONMENTS = ['production', 'staging', 'development'] as const;
export type Environment = (typeof ENVIRONMENTS)[number];

/** The first word of a key that is issued. */
export const KEY_ISSUER = 'hk';
/** The first words of keys that are accepted: `hok` exists in the field and is never issued. */
export const KEY_ISSUERS = [KEY_ISSUER, 'hok'] as const;

/** The second word of a key, by environment. */
export const KEY_ENVIRONMENT_WORDS = {
  production: 'live',
  staging: 'test',
  development: 'dev',
} as const satisfies Record<Environment, string>;

const prefixOf = <E extends Environment>(environment: E): KeyPrefix<E> =>
  `${KEY_ISSUER}_${KEY_ENVIRONMENT_WORDS[environment]}_`;
type KeyPrefix<E extends Environment> = `${typeof KEY_ISSUER}_${(typeof KEY_ENVIRONMENT_WORDS)[E]}_`;

/** Prefix of a new key, by environment. The patterns of keys are built from the same words (`lib/key-pattern.ts`). */
export const KEY_PREFIXES = {
  production: prefixOf('production'),
  staging: prefixOf('staging'),
  development: prefixOf('development'),
} as const satisfies Record<Environment, string>;

/** Body of `POST /keys`. */
export interface CreateKeyRequest {
  name: string;
  /** A registered service; with `service_ids` one of them, the first unless given. */
  service_id?: string;
  /** Several registered services, at most `MAX_KEY_SERVICES`. */
  service_ids?: string[];
  user_id?: string;
  /** Default `production`. */
  environment?: Environment;
  /** Each of `SCOPES`; default: `DEFAULT_SCOPES`. */
  scopes?: string[];
  /** RFC 3339; not together with `expires_in_days`. Default: none. */
  expires_at?: string;
  expires_in_days?: number;
  rate_limit_per_hour?: number;
  burst?: number;
  searches_per_minute?: number;
  writes_per_minute?: number;
  /** Addresses or CIDR blocks; an empty list is refused. */
  allowed_ips?: string[];
  /** What of MLflow the key may use, beside its scopes. Not with `mlflow:access`. Default: the scopes alone decide. */
  grants?: Grants;
  /** For people, one line of at most 500 characters. */
  description?: string;
}

export const MAX_KEY_SERVICES = 20;

/** A key as every answer shows it, with every fact of it; never the key itself. */
export interface KeyResource extends Record<KeyFactName, unknown> {
  key_id: string;
  /** First characters of the key, for people to tell keys apart. */
  key_prefix: string;
  name: string;
  user_id: string | null;
  /** The service that its use is counted for. */
  service_id: string;
  /** All services it is for. */
  service_ids: string[];
  environment: Environment;
  scopes: string[];
  rate_limit_per_hour: number | null;
  burst: number | null;
  searches_per_minute: number | null;
  writes_per_minute: number | null;
  allowed_ips: string[] | null;
  grants: Grants | null;
  created_at: string;
  expires_at: string | null;
  last_used_at: string | null;
  revoked_at: string | null;
  is_active: boolean;
  description: string | null;
  /** Who made it and who revoked it, as the audit log names them; null where nobody kept it. */
  created_by: string | null;
  revoked_by: string | null;
  revoke_reason: string | null;
  /** The key whose place it took. */
  rotated_from_id: string | null;
  /** The key that took its place; it stays valid until `expires_at`. */
  rotated_to_id: string | null;
}

/** 201 of `POST /keys`: the only answer besides rotation that holds the key. */
export interface CreateKeyResponse extends KeyResource {
  api_key: string;
}

/** `rotated` is active, and has a successor. */
export const KEY_STATUSES = ['active', 'rotated', 'expired', 'revoked'] as const;
export type KeyStatus = (typeof KEY_STATUSES)[number];

/** Keys without a value come last, in either order. */
export const KEY_SORTS = ['created_at', 'name', 'expires_at', 'last_used_at', 'user_id'] as const;
export type KeySort = (typeof KEY_SORTS)[number];

/** 200 of `GET /keys`. */
export interface ListKeysResponse {
  keys: KeyResource[];
  /** Keys on all pages. */
  total: number;
  /** Pass as `cursor` for the next page; null on the last one. */
  next_cursor: string | null;
}

/** Body of `PATCH /keys/{id}`: absent leaves a field as it is, null takes it back to the default. */
export interface UpdateKeyRequest {
  name?: string;
  scopes?: string[];
  rate_limit_per_hour?: number | null;
  burst?: number | null;
  searches_per_minute?: number | null;
  writes_per_minute?: number | null;
  allowed_ips?: string[] | null;
  /** Taken as a whole: entries that are left out are gone. */
  grants?: Grants | null;
  user_id?: string | null;
  description?: string | null;
  /** Registered services; `service_id` stays what it is where it is one of them, else it is the first. */
  service_ids?: string[];
  /**
   * RFC 3339, in the future: earlier than the key ends now. Only a key with a successor may be given longer, at most
   * 30 days and not beyond its successor.
   */
  expires_at?: string;
}

/** Keys by what is known of them: 200 of `GET /keys/facets`. */
export interface KeyFacetsResponse {
  total: number;
  /** Each key once, but `rotated` ones are `active` too. */
  by_status: Record<KeyStatus, number>;
  /** Of the active ones. */
  expire_within_14_days: number;
  /** Of the active ones, those that are older and were not used. */
  unused_for_30_days: number;
  /** Those with most keys, at most 200 each; null is no user. */
  services: KeyFacet[];
  users: KeyFacet[];
  environments: KeyFacet[];
}

export interface KeyFacet {
  value: string | null;
  keys: number;
  /** Of them. */
  active: number;
}

/** 200 of `GET /keys/{id}/lineage`: the key with all before and after it, oldest first. */
export interface KeyLineageResponse {
  keys: (KeyResource & {
    /** The address that used it last, and when; null without usage on record. */
    last_used_from: { address: string; at: string } | null;
  })[];
}

/** Body of `POST /keys/revoke`: some keys, or all of an owner. */
export interface RevokeKeysRequest {
  /** 1 to `MAX_REVOKED_KEYS`. */
  key_ids?: string[];
  user_id?: string;
  /** For the audit log, at most 500 characters. */
  reason?: string;
}

export const MAX_REVOKED_KEYS = 500;

/** 200 of `POST /keys/revoke`; ids. */
export interface RevokeKeysResponse {
  revoked: string[];
  /** Were revoked before. */
  unchanged: string[];
  /** No such key. */
  unknown: string[];
  /** Keys of the owner that are still to be revoked: ask again. */
  remaining: number;
}

/** Body of `POST /keys/{id}/rotate`. */
export interface RotateKeyRequest {
  /** How long the old key stays valid, seconds. Default 86,400, at most 30 days. */
  overlap_seconds?: number;
}

export const DEFAULT_OVERLAP_SECONDS = 86_400;
export const MAX_OVERLAP_SECONDS = 30 * 86_400;

/** 201 of `POST /keys/{id}/rotate`. */
export interface RotateKeyResponse {
  key_id: string;
  api_key: string;
  old_key_id: string;
  old_key_expires_at: string;
}
