import {
  ENVIRONMENTS,
  KEY_ENVIRONMENT_WORDS,
  KEY_ISSUER,
  KEY_ISSUERS,
  type Environment,
} from '../../contracts/keys/key-management.js';

/**
 * Every pattern that recognizes keys, built from the words in `contracts/keys/key-management.ts`, so that keys are
 * accepted, hidden and imported by the same definition. A test finds no other file that spells the words.
 */

/** What keys begin with, for messages to people. */
export const KEY_BEGINNINGS = KEY_ISSUERS.map((issuer) => `${issuer}_`);

const WORDS = `(?:${ENVIRONMENTS.map((environment) => KEY_ENVIRONMENT_WORDS[environment]).join('|')})`;
const OWN_PREFIX = `${KEY_ISSUER}_${WORDS}_`;
const ANY_PREFIX = `(?:${KEY_ISSUERS.join('|')})_${WORDS}_`;

/** 43 characters of randomness and 6 of checksum, base62. */
export const OWN_KEY_TAIL_LENGTH = 49;

/** A key in the project's own format, and nothing else. */
export const OWN_KEY = new RegExp(`^${OWN_PREFIX}[0-9A-Za-z]{${OWN_KEY_TAIL_LENGTH}}$`);

const KEY_ALONE = new RegExp(`^${ANY_PREFIX}[\\w-]{16,}$`);

/** Whether a string looks like a key of any issuer. */
export function hasKeyFormat(text: string): boolean {
  return KEY_ALONE.test(text);
}

const PREFIX = new RegExp(`^${ANY_PREFIX}[\\w-]{4}`);

/**
 * The first characters of a key, as an administrator sees them; undefined for a string that does not look like a key.
 */
export function shownPrefix(text: string): string | undefined {
  return hasKeyFormat(text) ? PREFIX.exec(text)?.[0] : undefined;
}

const KEY_IN_SENTENCE = new RegExp(`\\b(${ANY_PREFIX})[\\w-]{8,}`, 'g');

/** Hides keys, and large parts of them, in a string that is about to be shown. */
export function redactKeys(text: string): string {
  return text.replace(KEY_IN_SENTENCE, '$1…');
}

/** What follows a key's prefix in a URL. */
export const KEY_IN_URL = new RegExp(`${ANY_PREFIX}[\\w-]+`, 'gi');

/** The same with everything after it: for a part of a URL in which percent-encoding hides where the key ends. */
export const KEY_TO_END = new RegExp(`${ANY_PREFIX}.+`, 'is');

/** A cheap first test: strings without a key hardly ever match. */
export const MAY_HOLD_KEY = new RegExp(`_${WORDS}`, 'i');

const EVERY_ENVIRONMENT_WORD: readonly [Environment, RegExp][] = ENVIRONMENTS.map((environment) => [
  environment,
  new RegExp(`_${KEY_ENVIRONMENT_WORDS[environment]}`),
]);

/** The environment that a key's prefix names; undefined if it names none. */
export function environmentOfPrefix(prefix: string): Environment | undefined {
  return EVERY_ENVIRONMENT_WORD.find(([, word]) => word.test(prefix))?.[0];
}
