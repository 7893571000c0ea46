import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { KEY_PREFIXES, type Environment } from '../../contracts/keys/key-management.js';
import { OWN_KEY, OWN_KEY_TAIL_LENGTH } from './key-pattern.js';

/**
 * How keys are made and checked. Keys that the project issues are a prefix + 43 base62 characters (256 bits) + a CRC32
 * over all before it, as 6 base62 characters: secret scanners find them, and a mistyped one is refused without a call.
 * Keys of other issuers share the prefixes and have neither length nor checksum.
 */

/** Digits of base62, in the order of their values. */
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const CHECKSUM_LENGTH = 6;
const BODY_LENGTH = OWN_KEY_TAIL_LENGTH - CHECKSUM_LENGTH;
/** The largest multiple of 62 in a byte: larger bytes would make some digits more likely than others. */
const FAIR_BYTES = 248;

/** A new key for an environment, from 256 random bits. */
export function generateKey(environment: Environment): string {
  const unsigned = KEY_PREFIXES[environment] + randomBase62(BODY_LENGTH);
  return unsigned + keyChecksum(unsigned);
}

/** CRC32 of a string as 6 base62 digits, most significant first. */
export function keyChecksum(text: string): string {
  let rest = crc32(text);
  let digits = '';
  for (let place = 0; place < CHECKSUM_LENGTH; place++) {
    digits = BASE62.charAt(rest % 62) + digits;
    rest = Math.floor(rest / 62);
  }
  return digits;
}

/**
 * Whether a key has exactly the format of the project's own keys, but a wrong checksum: it was certainly mistyped.
 * Keys in any other form are not checked here.
 */
export function isMistypedKey(key: string): boolean {
  if (!OWN_KEY.test(key)) return false;
  return keyChecksum(key.slice(0, -CHECKSUM_LENGTH)) !== key.slice(-CHECKSUM_LENGTH);
}

function randomBase62(length: number): string {
  let text = '';
  while (text.length < length)
    for (const byte of randomBytes(length))
      if (byte < FAIR_BYTES && text.length < length) text += BASE62.charAt(byte % 62);
  return text;
}
