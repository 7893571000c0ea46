import { DETAIL_API_KEY_REQUIRED } from '../../../contracts/key-validation.js';
import type { KeyFacts } from '../../principal/key-facts.js';
import { AuthServiceError } from './auth-service.error.js';
import { parseKeyAnswer } from './key-answer.js';

/** What an auth service thinks of a key. */
export type Validation =
  | { readonly kind: 'valid'; readonly facts: KeyFacts; readonly addressBound: boolean }
  | { readonly kind: 'refused' }
  /** 403: a refusal that is never remembered. */
  | { readonly kind: 'forbidden' };

/** The same, or that the question was not understood: another contract may be. */
export type Reply =
  | Exclude<Validation, { kind: 'refused' }>
  /** By 200 and `false`, or by a 401 that may mean that the key was sought elsewhere. */
  | { readonly kind: 'refused'; readonly status: 200 | 401 }
  /** 401 "API key required": the key was not looked for where it was. */
  | { readonly kind: 'key-required' }
  | { readonly kind: 'not-understood'; readonly status: number };

/**
 * Sorts one answer of the auth service.
 *
 * @throws AuthServiceError for every answer that says nothing about the key
 */
export function sortReply(status: number, body: string): Reply {
  if (status === 200) {
    const answer = parseKeyAnswer(body);
    return answer.valid
      ? { kind: 'valid', facts: answer.facts, addressBound: answer.addressBound }
      : { kind: 'refused', status };
  }
  if (status === 401) return saysKeyRequired(body) ? { kind: 'key-required' } : { kind: 'refused', status };
  if (status === 403) return { kind: 'forbidden' };
  if (status === 400 || status === 422) return { kind: 'not-understood', status };
  if (status === 429) throw new AuthServiceError('throttled', '429');
  if (status >= 300 && status < 400) throw new AuthServiceError('redirect', String(status));
  if (status >= 500) throw new AuthServiceError('server-error', String(status));
  throw new AuthServiceError('contract', String(status));
}

function saysKeyRequired(body: string): boolean {
  try {
    const detail = (JSON.parse(body) as { detail?: unknown } | null)?.detail;
    return typeof detail === 'string' && detail.trim() === DETAIL_API_KEY_REQUIRED;
  } catch {
    return false;
  }
}
