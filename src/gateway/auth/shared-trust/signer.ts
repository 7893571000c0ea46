import { createHmac, createSecretKey, hkdfSync, timingSafeEqual, type KeyObject } from 'node:crypto';

/** Separates this use of the secrets from the names of keys, and from signatures of another layout. */
const PURPOSE = 'mlflow-gateway:shared-values:v2';
const SIGNATURE = /^[A-Za-z0-9_-]{43}$/;

/** What a signature is for. A signature of one kind is not valid for another. */
export type SignedKind = 'facts' | 'tombstone' | 'session-end';

/** Signs what replicas tell each other through Redis, so that Redis itself cannot forge it. */
export class Signer {
  private readonly keys: readonly KeyObject[];

  /** @param secrets CACHE_HMAC_SECRET: the first one signs, all of them verify */
  constructor(secrets: readonly string[]) {
    // Derived (RFC 5869): the digest of a string that a client presents as its key is never a signing key.
    this.keys = secrets.map((secret) =>
      createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', PURPOSE, 32))),
    );
  }

  /** HMAC-SHA-256 over the kind and every part, base64url, 43 characters. */
  sign(kind: SignedKind, ...parts: readonly (string | number)[]): string {
    const [first] = this.keys;
    if (!first) throw new Error('no secret to sign with');
    return macOf(first, kind, parts).toString('base64url');
  }

  verifies(signature: unknown, kind: SignedKind, ...parts: readonly (string | number)[]): boolean {
    if (typeof signature !== 'string' || !SIGNATURE.test(signature)) return false;
    const given = Buffer.from(signature, 'base64url');
    return this.keys.some((key) => timingSafeEqual(macOf(key, kind, parts), given));
  }
}

/** As JSON, two different lists of parts never give the same string. */
function macOf(key: KeyObject, kind: SignedKind, parts: readonly (string | number)[]): Buffer {
  return createHmac('sha256', key)
    .update(JSON.stringify([kind, ...parts]))
    .digest();
}
