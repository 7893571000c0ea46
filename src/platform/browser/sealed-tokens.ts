import { CompactEncrypt, compactDecrypt, decodeProtectedHeader } from 'jose';
import { LRUCache } from 'lru-cache';
import { atMost } from '../../lib/at-most.js';
import { hash } from 'node:crypto';
import { sealingKeys, type SealingKey } from '../../lib/keys/sealing-keys.js';

/** Claims that every sealed token has, in addition to those of its purpose. */
export interface SealedClaims {
  /** Unique id of the token. */
  readonly jti: string;
  /** Unix seconds. */
  readonly iat: number;
  /** Unix seconds from which on the token is void. */
  readonly exp: number;
}

/** Longest token that is read: browsers keep no longer cookie. */
const MAX_LENGTH = 4096;

/**
 * Tokens that only the holders of a secret can read or make: compact JWE, `dir` with A256GCM (RFC 7516). The first
 * secret encrypts and all of them decrypt, so that a secret can be replaced while tokens of the previous one are in
 * use.
 */
export class SealedTokens<C extends SealedClaims> {
  private readonly keys: ReadonlyMap<string, Uint8Array>;
  private readonly sealing: SealingKey;
  private readonly opened: LRUCache<string, C>;

  /**
   * @param secrets at least one; 32 characters or more each
   * @param purpose a token that is sealed for one purpose cannot be opened for another
   * @param isClaims whether what was sealed has the members that this purpose needs
   * @param openedLimit opened tokens that are held in memory
   */
  constructor(
    secrets: readonly string[],
    purpose: string,
    private readonly isClaims: (value: Record<string, unknown>) => boolean,
    openedLimit: number,
  ) {
    const derived = sealingKeys(secrets, purpose);
    const [first] = derived;
    if (first === undefined) throw new Error('sealed tokens need a secret');
    this.sealing = first;
    this.keys = new Map(derived.map(({ kid, key }) => [kid, key]));
    this.opened = new LRUCache(atMost(openedLimit));
  }

  /** Opened tokens in memory. */
  get size(): number {
    return this.opened.size;
  }

  seal(claims: C): Promise<string> {
    const { kid, key } = this.sealing;
    return new CompactEncrypt(new TextEncoder().encode(JSON.stringify(claims)))
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid })
      .encrypt(key);
  }

  /**
   * The claims of a token that was sealed with one of the secrets, at once where it was opened before; undefined for
   * anything else. The caller checks by `exp` whether it is still valid.
   */
  open(token: string): C | undefined | Promise<C | undefined> {
    if (token.length > MAX_LENGTH) return undefined;
    // Hot path: opening costs 180 µs, this digest less than one.
    const name = hash('sha256', token, 'base64url');
    return this.opened.get(name) ?? this.decrypt(token, name);
  }

  private decrypt(token: string, name: string): undefined | Promise<C | undefined> {
    const key = this.keyFor(token);
    return key && this.decryptWith(key, token, name);
  }

  private async decryptWith(key: Uint8Array, token: string, name: string): Promise<C | undefined> {
    try {
      const { plaintext } = await compactDecrypt(token, key, {
        keyManagementAlgorithms: ['dir'],
        contentEncryptionAlgorithms: ['A256GCM'],
      });
      const value = JSON.parse(new TextDecoder().decode(plaintext)) as Record<string, unknown>;
      if (!isSealedClaims(value) || !this.isClaims(value)) return undefined;
      this.opened.set(name, value as unknown as C);
      return value as unknown as C;
    } catch {
      return undefined;
    }
  }

  private keyFor(token: string): Uint8Array | undefined {
    // The last digit of base64url has unused bits: a token that differs only there is refused, although it could be
    // opened.
    if (!token.split('.').every((part) => Buffer.from(part, 'base64url').toString('base64url') === part))
      return undefined;
    try {
      return this.keys.get(decodeProtectedHeader(token).kid ?? '');
    } catch {
      return undefined;
    }
  }
}

function isSealedClaims(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const { jti, iat, exp } = value as Record<string, unknown>;
  return typeof jti === 'string' && Number.isSafeInteger(iat) && Number.isSafeInteger(exp);
}
