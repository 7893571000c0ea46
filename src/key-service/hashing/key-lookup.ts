import { Injectable } from '@nestjs/common';
import { errorFields, Logger } from '../../platform/logging/logger.js';
import type { KeyRecord } from '../records/key-record.js';
import { Database } from '../storage/database.js';
import { KeyHasher } from './key-hasher.js';
import { KeyHashesRepository, type HashedKey } from './key-hashes.repository.js';
import { SlowHashVerifier } from './slow-hash.verifier.js';

/** Prefixes that imported keys may be stored with, in characters. */
export const MIN_PREFIX_LENGTH = 4;
export const MAX_PREFIX_LENGTH = 20;
/** Slow comparisons that one key may cost at most; the import keeps every prefix within it. */
export const MAX_BCRYPT_CANDIDATES = 8;

/** Finds the key that a caller presents, and moves it to the current hash where it is stored under an older one. */
@Injectable()
export class KeyLookup {
  private readonly slowLookups = new Map<string, Promise<HashedKey | undefined>>();

  constructor(
    private readonly database: Database,
    private readonly hashes: KeyHashesRepository,
    private readonly hasher: KeyHasher,
    private readonly verifier: SlowHashVerifier,
    private readonly logger: Logger,
  ) {}

  /** @returns the record of the key, whatever its state; undefined where there is none */
  async find(key: string): Promise<KeyRecord | undefined> {
    const lookups = this.hasher.lookups(key);
    const current = lookups[0] as string;
    const found =
      (await this.hashes.findByHash(this.database.db, lookups)) ??
      (await this.findSlowly(key, current)) ??
      // Another request may have moved the key from its slow hash between the two look-ups.
      (await this.hashes.findByHash(this.database.db, lookups));
    if (found && found.hash !== current) await this.upgrade(found, key);
    return found?.record;
  }

  /** One comparison for any number of first uses at once. */
  private findSlowly(key: string, digest: string): Promise<HashedKey | undefined> {
    const running = this.slowLookups.get(digest);
    if (running) return running;
    const lookup = this.compareCandidates(key).finally(() => this.slowLookups.delete(digest));
    this.slowLookups.set(digest, lookup);
    return lookup;
  }

  private async compareCandidates(key: string): Promise<HashedKey | undefined> {
    const candidates = await this.hashes.findBcryptCandidates(
      this.database.db,
      prefixesOf(key),
      MAX_BCRYPT_CANDIDATES,
    );
    if (candidates.length === 0) return undefined;
    const hash = await this.verifier.firstMatch(
      key,
      candidates.map((candidate) => candidate.hash),
    );
    return candidates.find((candidate) => candidate.hash === hash);
  }

  /** A key that cannot be moved now is valid all the same, and is moved at a later use. */
  private async upgrade(found: HashedKey, key: string): Promise<void> {
    try {
      await this.hashes.replaceHash(this.database.db, found.record.id, found.hash, this.hasher.store(key));
    } catch (error) {
      this.logger.warn('key_hash_upgrade_failed', { key_id: found.record.id, ...errorFields(error) });
    }
  }
}

/** Every beginning of a key that it may be stored with. */
export function prefixesOf(key: string): string[] {
  const prefixes: string[] = [];
  for (let length = MIN_PREFIX_LENGTH; length <= Math.min(MAX_PREFIX_LENGTH, key.length); length++)
    prefixes.push(key.slice(0, length));
  return prefixes;
}
