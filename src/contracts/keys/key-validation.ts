import { ERROR_CATALOGUE } from '../errors/error-codes.js';
import type { KeyFactName, StatedKeyFacts } from './key-facts.js';

/**
 * `POST /api/v1/keys/validate`: what a gateway asks and an auth service answers.
 * Two contracts are in the field. `header`: the key is `Authorization: Bearer <key>` and the body is
 * `{service_id, client_ip}`. `body`: the body is `{api_key, service_id, client_ip}`.
 */

/** Body of the request; `api_key` only under the `body` contract. */
export interface ValidateKeyRequest {
  api_key?: string;
  service_id: string;
  client_ip?: string;
}

/** Members of a 200 answer that are read, as they are on the wire. Everything else in it is ignored. */
export type ValidateKeyResponse = {
  /** At least one of `valid` and `is_valid` is a boolean; `false` is a refusal. */
  valid?: boolean;
  is_valid?: boolean;
} & { [Name in KeyFactName]?: StatedKeyFacts[Name] };

/**
 * `error_code` of a 503 that is about the key in question alone: the service is up, and could not decide about this
 * key in the time it has for one. A gateway tells its client to come back after the seconds in `Retry-After`, and
 * goes on asking about other keys.
 */
export const ERROR_CODE_KEY_CHECK_UNAVAILABLE = ERROR_CATALOGUE['key-check-unavailable'].errorCode;

/** The texts of the two refusals, as `detail` of a 401. */
export const DETAIL_API_KEY_REQUIRED = 'API key required';
/** What every program says first where the authentication service does not answer. */
export const DETAIL_AUTH_SERVICE_UNAVAILABLE = 'Authentication service unavailable';
export const DETAIL_INVALID_API_KEY = 'Invalid or expired API key';

export const SERVICE_ID_ML_PLATFORM = 'ml-platform';
