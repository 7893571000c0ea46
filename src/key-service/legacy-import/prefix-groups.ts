import { MAX_BCRYPT_CANDIDATES } from '../hashing/slow-key-lookup.js';

/**
 * Prefixes for which a validation would need too many slow comparisons: those that too many keys share. Keys of every
 * shorter prefix that the same key begins with count too.
 *
 * @param counts keys by prefix, those already stored and those to come together
 */
export function crowdedPrefixes(counts: ReadonlyMap<string, number>): Set<string> {
  const crowded = new Set<string>();
  const accepted = new Map<string, number>();
  for (const prefix of [...counts.keys()].sort((a, b) => a.length - b.length)) {
    let candidates = counts.get(prefix) ?? 0;
    for (let length = 1; length < prefix.length; length++)
      candidates += accepted.get(prefix.slice(0, length)) ?? 0;
    if (candidates > MAX_BCRYPT_CANDIDATES) crowded.add(prefix);
    else accepted.set(prefix, counts.get(prefix) ?? 0);
  }
  return crowded;
}
