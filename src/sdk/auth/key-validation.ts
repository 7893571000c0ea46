import type { StatedKeyFacts } from '../../contracts/keys/key-facts.js';
import { DETAIL_INVALID_API_KEY } from '../../contracts/keys/key-validation.js';
import { SCOPE_MLFLOW_ACCESS } from '../../contracts/access/scopes.js';
import { readValidationAnswer, stringMember } from '../../lib/keys/validation-answer.js';
import { UnexpectedResponseError } from '../errors.js';

/** The verdict of the authentication service about a key. An outage is thrown as an error. */
export type KeyValidation = ValidKey | RefusedKey;

/** Facts of a valid key; null where the service did not say. Times are texts of RFC 3339. */
export interface ValidKey extends StatedKeyFacts {
  readonly valid: true;
  readonly scopes: readonly string[];
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
  const answer = readValidationAnswer(text);
  if (answer.kind === 'unreadable')
    throw new UnexpectedResponseError(`The authentication service's answer ${answer.what}`, {
      troubleshooting:
        'The key counts as not validated. Check that HOKUSAI_AUTH_SERVICE_URL is the authentication service.',
    });
  if (answer.kind === 'refused') return { valid: false, detail: DETAIL_INVALID_API_KEY };
  const { facts } = answer;
  const isForIt =
    facts.service_ids?.includes(askedServiceId) ?? (facts.service_id ?? askedServiceId) === askedServiceId;
  if (!isForIt) return { valid: false, detail: `The key is for another service than ${askedServiceId}` };
  return { valid: true, ...facts, scopes: facts.scopes ?? [SCOPE_MLFLOW_ACCESS] };
}

/** The text of a refusal; one without a readable body is still a refusal. */
export function refusalDetail(text: string): string {
  return stringMember(text, 'detail') || DETAIL_INVALID_API_KEY;
}
