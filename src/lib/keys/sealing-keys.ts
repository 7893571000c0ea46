import { hkdfSync } from 'node:crypto';

const KEY_BYTES = 32;
const KID_BYTES = 6;

/** A key for A256GCM, and the id by which a sealed text names it. */
export interface SealingKey {
  readonly kid: string;
  readonly key: Uint8Array;
}

/**
 * Derives a key from each secret (RFC 5869). The first one encrypts and all of them decrypt, so that a secret can be
 * replaced while values of the previous one are still in use.
 *
 * @param purpose a value that is encrypted for one purpose cannot be decrypted for another
 */
export function sealingKeys(secrets: readonly string[], purpose: string): SealingKey[] {
  return secrets.map((secret) => ({
    kid: Buffer.from(derive(secret, `${purpose}:kid`, KID_BYTES)).toString('base64url'),
    key: derive(secret, `${purpose}:key`, KEY_BYTES),
  }));
}

function derive(secret: string, info: string, bytes: number): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, '', info, bytes));
}
