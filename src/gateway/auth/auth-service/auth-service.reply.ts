import { ERROR_CODE_KEY_CHECK_UNAVAILABLE } from '../../../contracts/keys/key-validation.js';
import { readValidationAnswer, saysKeyRequired, stringMember } from '../../../lib/keys/validation-answer.js';
import type { KeyFacts } from '../../principal/key-facts.js';
import { AuthServiceError } from './auth-service.error.js';
import { keyFactsOf, malformedAnswer } from './key-answer.js';

/** The verdict of an auth service about a key. */
export type Validation =
  | { readonly kind: 'valid'; readonly facts: KeyFacts; readonly addressBound: boolean }
  | { readonly kind: 'refused' }
  /** 403: a refusal that is never remembered. */
  | { readonly kind: 'forbidden' };

/** A verdict, or the service did not understand the question: try the other contract. */
export type Reply =
  | Exclude<Validation, { kind: 'refused' }>
  /** 200 with `false`, or a 401, which may also mean that the service looked for the key in another place. */
  | { readonly kind: 'refused'; readonly status: 200 | 401 }
  /** 401 "API key required": the service looked for the key in another place. */
  | { readonly kind: 'key-required' }
  | { readonly kind: 'not-understood'; readonly status: number };

const LONGEST_RETRY_AFTER_SECONDS = 30;

/**
 * Sorts one answer of the auth service.
 *
 * @param retryAfter the header of that name
 * @throws AuthServiceError for every answer that says nothing about the key
 */
export function sortReply(status: number, body: string, retryAfter?: string): Reply {
  if (status === 200) {
    const answer = readValidationAnswer(body);
    if (answer.kind === 'unreadable') throw malformedAnswer(answer);
    return answer.kind === 'valid'
      ? { kind: 'valid', facts: keyFactsOf(answer.facts), addressBound: answer.addressBound }
      : { kind: 'refused', status };
  }
  if (status === 401) return saysKeyRequired(body) ? { kind: 'key-required' } : { kind: 'refused', status };
  if (status === 403) return { kind: 'forbidden' };
  if (status === 400 || status === 422) return { kind: 'not-understood', status };
  if (status === 429) throw new AuthServiceError('throttled', '429');
  if (status >= 300 && status < 400) throw new AuthServiceError('redirect', String(status));
  if (status === 503 && stringMember(body, 'error_code') === ERROR_CODE_KEY_CHECK_UNAVAILABLE)
    throw new AuthServiceError('key-check', undefined, 'key', secondsOf(retryAfter));
  if (status >= 500) throw new AuthServiceError('server-error', String(status));
  throw new AuthServiceError('contract', String(status));
}

/** Delay seconds (RFC 9110, 10.2.3) within reason; a date or nonsense counts as none. */
function secondsOf(retryAfter = ''): number | undefined {
  return /^\d{1,9}$/.test(retryAfter)
    ? Math.min(LONGEST_RETRY_AFTER_SECONDS, Math.max(1, Number(retryAfter)))
    : undefined;
}
