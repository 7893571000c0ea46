import { parseCidr } from '../../../lib/cidr.js';
import type { KeyFacts } from '../../principal/key-facts.js';
import { AuthServiceError } from './auth-service.error.js';

/** What a 200 of the auth service says. */
export type KeyAnswer =
  | { readonly valid: false }
  | {
      readonly valid: true;
      readonly facts: KeyFacts;
      /** No `allowed_ips` member: the service may have judged the address itself. */
      readonly addressBound: boolean;
    };

const LONGEST_TEXT = 256;
const LONGEST_LIST = 1024;

/**
 * Reads the body of a 200. Strictly: what is not exactly a yes or a no is neither.
 *
 * @throws AuthServiceError `malformed`, naming the member
 */
export function parseKeyAnswer(text: string): KeyAnswer {
  const answer = parseObject(text);
  const flags = [answer['valid'], answer['is_valid']].filter((flag) => flag !== undefined);
  if (flags.length === 0 || flags.some((flag) => typeof flag !== 'boolean')) throw malformed('valid');
  if (flags.includes(false)) return { valid: false };
  return {
    valid: true,
    addressBound: answer['allowed_ips'] === undefined,
    facts: {
      keyId: textOrNull(answer, 'key_id'),
      userId: textOrNull(answer, 'user_id'),
      serviceId: textOrNull(answer, 'service_id'),
      environment: textOrNull(answer, 'environment'),
      scopes: listOrNull(answer, 'scopes', () => true),
      expiresAtMs: timeOrNull(answer, 'expires_at'),
      allowedIps: listOrNull(answer, 'allowed_ips', (entry) => parseCidr(entry) !== undefined),
      ratePerHour: limitOrNull(answer, 'rate_limit_per_hour'),
      burst: limitOrNull(answer, 'burst'),
    },
  };
}

type Members = Record<string, unknown>;

function parseObject(text: string): Members {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw malformed('not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed('not an object');
  return value as Members;
}

function textOrNull(answer: Members, name: string): string | null {
  const value = answer[name] ?? null;
  // Half a surrogate pair could not be percent-encoded for MLflow.
  if (value === null || (typeof value === 'string' && value.length <= LONGEST_TEXT && value.isWellFormed()))
    return value;
  throw oddMember(name);
}

function listOrNull(answer: Members, name: string, check: (entry: string) => boolean): string[] | null {
  const value = answer[name] ?? null;
  if (value === null) return null;
  if (!Array.isArray(value) || value.length > LONGEST_LIST) throw oddMember(name);
  for (const entry of value as unknown[])
    if (typeof entry !== 'string' || entry.length > LONGEST_TEXT || !check(entry)) throw oddMember(name);
  return value as string[];
}

function limitOrNull(answer: Members, name: string): number | null {
  const value = answer[name] ?? null;
  if (value === null || (Number.isSafeInteger(value) && (value as number) > 0)) return value as number | null;
  throw oddMember(name);
}

// RFC 3339; Python's isoformat() leaves the zone out of a UTC time, so none means UTC.
const TIME = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d(?:\.\d+)?)([Zz]|[+-]\d\d:\d\d)?$/;

function timeOrNull(answer: Members, name: string): number | null {
  const value = answer[name] ?? null;
  if (value === null) return null;
  const parts = typeof value === 'string' ? TIME.exec(value) : null;
  const timeMs = parts ? Date.parse(`${parts[1]}T${parts[2]}${(parts[3] ?? 'Z').toUpperCase()}`) : NaN;
  if (Number.isNaN(timeMs)) throw oddMember(name);
  return timeMs;
}

function malformed(what: string): AuthServiceError {
  return new AuthServiceError('malformed', what);
}

/** Whoever said yes is up: what is odd about one key must not keep the gateway from asking about the others. */
function oddMember(name: string): AuthServiceError {
  return new AuthServiceError('malformed', name, 'key');
}
