import { Injectable } from '@nestjs/common';
import { createHmac } from 'node:crypto';
import type { StoredHash } from '../records/key-record.js';
import { HashingConfig } from '../config/hashing.config.js';

/** How new keys are stored. Replace the provider to store them otherwise. */
export abstract class KeyHasher {
  /** What to store of a new key. */
  abstract store(key: string): StoredHash;
  /** Every hash under which a key may be stored, the one that `store` would write first. */
  abstract lookups(key: string): string[];
}

/**
 * HMAC-SHA-256 with a pepper. A key has 256 random bits, so a slow hash would protect nothing more, and
 * would make validation slow; the pepper keeps a stolen table useless, also for shorter imported keys.
 */
@Injectable()
export class HmacKeyHasher extends KeyHasher {
  constructor(private readonly config: HashingConfig) {
    super();
  }

  override store(key: string): StoredHash {
    return { hash: this.lookups(key)[0] as string, algorithm: 'hmac-sha256' };
  }

  override lookups(key: string): string[] {
    return this.config.peppers.map((pepper) => createHmac('sha256', pepper).update(key).digest('base64url'));
  }
}
