import { Injectable } from '@nestjs/common';
import type { KeyRecord } from '../records/key-record.js';
import { Database } from '../storage/database.js';
import { KeyHasher } from './key-hasher.js';
import { KeyHashesRepository } from './key-hashes.repository.js';
import { KeyMover } from './key-mover.js';
import { SlowKeyLookup } from './slow-key-lookup.js';

/** Finds the record of a presented key. A key that is stored under an older hash is then moved to the current one. */
@Injectable()
export class KeyLookup {
  constructor(
    private readonly database: Database,
    private readonly hashes: KeyHashesRepository,
    private readonly hasher: KeyHasher,
    private readonly slow: SlowKeyLookup,
    private readonly mover: KeyMover,
  ) {}

  /**
   * @param caller who presents the key; slow comparisons are shared among callers
   * @returns the record of the key, whatever its state; undefined where there is none
   * @throws ProblemError 503 where an imported key could not be compared in time
   */
  async find(key: string, caller: string): Promise<KeyRecord | undefined> {
    const lookups = this.hasher.lookups(key);
    const current = lookups[0] as string;
    const quick = await this.hashes.findByHash(this.database.reads, lookups);
    if (quick && quick.hash !== current) this.mover.move(quick, key);
    const found =
      quick ??
      (await this.slow.find(key, current, caller)) ??
      // Another request may have moved the key from its slow hash between the two look-ups.
      (await this.hashes.findByHash(this.database.reads, lookups));
    return found?.record;
  }
}
