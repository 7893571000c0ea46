import {
  DETAIL_API_KEY_REQUIRED,
  DETAIL_INVALID_API_KEY,
  SCOPE_MLFLOW_ACCESS,
  type ValidateKeyResponse,
} from '../../contracts/key-validation.js';
import { UnexpectedResponseError } from '../errors.js';

/** What the authentication service says of a key: a verdict is a value, an outage is an error. */
export type KeyValidation = ValidKey | RefusedKey;

export interface ValidKey {
  readonly valid: true;
  readonly key_id: string | null;
  readonly user_id: string | null;
  readonly service_id: string | null;
  readonly environment: string | null;
  readonly scopes: readonly string[];
  /** RFC 3339; null never expires. */
  readonly expires_at: string | null;
  /** Addresses and CIDR blocks; null is any. */
  readonly allowed_ips: readonly string[] | null;
  readonly rate_limit_per_hour: number | null;
  readonly burst: number | null;
}

export interface RefusedKey {
  readonly valid: false;
  /** The service's own text, such as "Invalid or expired API key". */
  readonly detail: string;
}

/**
 * A 200 answer of the service, read strictly: anything but a boolean yes or no is an error, never a yes.
 *
 * @throws UnexpectedResponseError
 */
export function parseValidation(text: string, askedServiceId: string): KeyValidation {
  const body = parseObject(text);
  const verdicts = [body.valid, body.is_valid].filter((one) => one !== undefined);
  if (verdicts.length === 0 || verdicts.some((one) => typeof one !== 'boolean'))
    throw malformed('has no boolean "valid"');
  if (verdicts.includes(false)) return { valid: false, detail: DETAIL_INVALID_API_KEY };
  const serviceId = optionalString(body, 'service_id');
  if (serviceId !== null && serviceId !== askedServiceId)
    return { valid: false, detail: `The key is for another service than ${askedServiceId}` };
  return {
    valid: true,
    key_id: optionalString(body, 'key_id'),
    user_id: optionalString(body, 'user_id'),
    service_id: serviceId,
    environment: optionalString(body, 'environment'),
    scopes: optionalStrings(body, 'scopes') ?? [SCOPE_MLFLOW_ACCESS],
    expires_at: optionalString(body, 'expires_at'),
    allowed_ips: optionalStrings(body, 'allowed_ips'),
    rate_limit_per_hour: optionalCount(body, 'rate_limit_per_hour'),
    burst: optionalCount(body, 'burst'),
  };
}

/** Whether a 401 says that the service found no key at all: it speaks the other contract. */
export function saysKeyRequired(text: string): boolean {
  return refusalDetail(text) === DETAIL_API_KEY_REQUIRED;
}

/** The text of a refusal. */
export function refusalDetail(text: string): string {
  try {
    const detail = (JSON.parse(text) as { detail?: unknown } | null)?.detail;
    if (typeof detail === 'string' && detail !== '') return detail;
  } catch {
    // A refusal without a readable body is a refusal all the same.
  }
  return DETAIL_INVALID_API_KEY;
}

function parseObject(text: string): ValidateKeyResponse {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw malformed('is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw malformed('is not an object');
  return value;
}

function optionalString(body: ValidateKeyResponse, name: keyof ValidateKeyResponse): string | null {
  const value = body[name] ?? null;
  if (value !== null && typeof value !== 'string') throw malformed(`has a "${name}" that is not a text`);
  return value;
}

function optionalStrings(body: ValidateKeyResponse, name: keyof ValidateKeyResponse): string[] | null {
  const value: unknown = body[name] ?? null;
  if (value === null) return null;
  if (!Array.isArray(value) || value.some((one) => typeof one !== 'string'))
    throw malformed(`has a "${name}" that is not a list of texts`);
  return value as string[];
}

function optionalCount(body: ValidateKeyResponse, name: keyof ValidateKeyResponse): number | null {
  const value: unknown = body[name] ?? null;
  if (value === null) return null;
  if (!Number.isSafeInteger(value) || (value as number) <= 0)
    throw malformed(`has a "${name}" that is not a positive integer`);
  return value as number;
}

function malformed(what: string): UnexpectedResponseError {
  return new UnexpectedResponseError(`The authentication service's answer ${what}`, {
    troubleshooting:
      'The key counts as not validated. Check that HOKUSAI_AUTH_SERVICE_URL is the authentication service.',
  });
}
