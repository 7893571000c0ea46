import type { AuthFault } from '../auth-service/auth-service.error.js';
import type { KeyVerdict } from '../facts/key-policy.js';
import { CHALLENGE, CHALLENGE_INVALID_TOKEN } from './challenges.js';
import type { CredentialFault } from './credential.js';
import type { Refusal } from './verdict.js';

const ANY_KEY = { 'www-authenticate': CHALLENGE };
const ANOTHER_KEY = { 'www-authenticate': CHALLENGE_INVALID_TOKEN };

/** The client gets one message for all of these. */
const badKey = (reason: string): Refusal => ({
  problem: 'invalid-api-key',
  reason,
  headers: ANOTHER_KEY,
  counted: true,
});

type FixedReason = CredentialFault | Exclude<KeyVerdict, 'allowed'> | 'mistyped' | 'refused' | 'forbidden';

/** Refusals of keys that are the same each time, by reason. */
export const KEY_REFUSALS: Readonly<Record<FixedReason, Refusal>> = {
  missing: { problem: 'api-key-required', reason: 'missing', headers: ANY_KEY },
  malformed: { problem: 'malformed-credential', reason: 'malformed', headers: ANOTHER_KEY },
  conflicting: { problem: 'conflicting-credentials', reason: 'conflicting' },
  mistyped: badKey('mistyped'),
  refused: badKey('refused'),
  expired: badKey('expired'),
  'other-service': badKey('other-service'),
  'address-not-allowed': { problem: 'address-not-allowed', reason: 'address-not-allowed' },
  // The auth service's 403 is never remembered, so only the limit keeps the calls few.
  forbidden: { problem: 'key-forbidden', reason: 'forbidden', counted: true },
};

export function tooManyFailedAttempts(retryAfterSeconds: number): Refusal {
  const problem = 'too-many-failed-attempts';
  return { problem, reason: problem, retryAfterSeconds };
}

/** No verdict on the key: never a 401, which would end a training job. */
export function authServiceUnavailable(fault: AuthFault | 'internal', retryAfterSeconds: number): Refusal {
  return { problem: 'auth-service-unavailable', reason: `auth-service-${fault}`, retryAfterSeconds };
}
