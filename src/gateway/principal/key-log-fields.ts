import { LogFields } from '../../platform/logging/log-fields.js';
import type { KeyFacts } from './key-facts.js';

/** The field that usage is counted by. */
export const FIELD_KEY_ID = 'key_id';
/** How the key was known. */
export const FIELD_AUTH_CACHE = 'auth_cache';

const byFacts = new WeakMap<KeyFacts, Map<string | undefined, LogFields>>();

/**
 * What the log says of who a request is from: made once for the facts of a key, and not once a request.
 *
 * @param lookup how the key was known, where it was looked up
 */
export function keyLogFields(facts: KeyFacts, lookup: string | undefined): LogFields {
  let byLookup = byFacts.get(facts);
  if (byLookup === undefined) byFacts.set(facts, (byLookup = new Map<string | undefined, LogFields>()));
  let fields = byLookup.get(lookup);
  if (fields === undefined) {
    fields = new LogFields({
      [FIELD_KEY_ID]: facts.keyId ?? undefined,
      user_id: facts.userId ?? undefined,
      [FIELD_AUTH_CACHE]: lookup,
    });
    byLookup.set(lookup, fields);
  }
  return fields;
}
