import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '../../../platform/clock.js';
import { CachePolicy } from '../../resilience/cache.policy.js';
import { Tombstones } from '../invalidation/tombstones.js';
import { freshnessOf, type Freshness, type KeyEntry } from './key-entry.js';
import type { Refusal } from './memory-facts.js';

/** Decides which cached entries may still be used. */
@Injectable()
export class EntryValidity {
  constructor(
    readonly tombstones: Tombstones,
    @Inject(CachePolicy) private readonly policy: CachePolicy,
    private readonly clock: Clock,
  ) {}

  stateOf(entry: KeyEntry, digest: string): Freshness | 'invalidated' {
    if (!this.tombstones.allows(entry.mark, digest, entry.facts.keyId)) return 'invalidated';
    return this.freshnessOf(entry);
  }

  /** By age alone: for entries that no tombstone can have invalidated since they were checked. */
  freshnessOf(entry: KeyEntry): Freshness {
    return freshnessOf(entry, this.policy, this.clock.monotonicMs());
  }

  /** Whether an entry may be used because there was no answer. */
  standsIn(entry: KeyEntry, digest: string): boolean {
    const state = this.stateOf(entry, digest);
    return state !== 'invalidated' && state !== 'expired';
  }

  refusalHolds(refusal: Refusal, digest: string): boolean {
    return (
      this.clock.monotonicMs() - refusal.startedAtMs < this.policy.negativeMs &&
      this.tombstones.allows(refusal.mark, digest, null)
    );
  }
}
