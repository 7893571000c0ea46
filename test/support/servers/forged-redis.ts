import { keyFacts } from '../lib/key-facts.ts';

/** What somebody who may write to Redis would put there, with everything that an honest replica writes but its signature. */

export const TOMBSTONE_INDEX = 'key:tombstones';
export const SIGNED_TOMBSTONES = '{key:tombstones}:signed';
export const FACTS_NAMES = 'key:validation:*';

/** As long as a signature. */
export const NO_SIGNATURE = 'A'.repeat(43);

/** Complete facts of a key that nobody has: a gateway that trusted them would let root in. */
const ROOT_FACTS = keyFacts({ keyId: 'k-root', userId: 'root', scopes: ['mlflow:access'] });

/** @param nowUs time of the Redis server, microseconds */
export function unsignedFacts(nowUs: number): object {
  return { version: 1, facts: ROOT_FACTS, addressBound: false, startedAtUs: nowUs };
}

/** @param nowUs time of the Redis server, microseconds */
export function factsWithMadeUpSignature(nowUs: number): object {
  const content = JSON.stringify({ facts: ROOT_FACTS, addressBound: false, startedAtUs: nowUs });
  return { version: 2, content, signature: NO_SIGNATURE };
}
