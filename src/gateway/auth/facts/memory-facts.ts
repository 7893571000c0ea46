import { Inject, Injectable } from '@nestjs/common';
import { createCache, memoryStore, type MemoryCache } from 'cache-manager';
import { atMost } from '../../../lib/at-most.js';
import { AuthConfig } from '../../config/auth.config.js';
import { CachePolicy, longestWindowMs } from '../../resilience/cache.policy.js';
import type { Mark } from '../invalidation/tombstones.js';
import type { KeyEntry } from './key-entry.js';

/** That a key was refused, for one address. */
export interface Refusal {
  readonly mark: Mark;
  /** Monotonic time at the start of the call, milliseconds. */
  readonly startedAtMs: number;
}

/**
 * The memory tier. Refusals have their own store, so that random keys evict only other random keys. Both are bounded;
 * nothing runs on a timer.
 */
@Injectable()
export class MemoryFacts {
  private readonly facts: MemoryCache;
  private readonly refusals: MemoryCache;

  constructor(
    @Inject(AuthConfig) config: Pick<AuthConfig, 'cacheMaxEntries' | 'cacheMaxRefusals'>,
    @Inject(CachePolicy) policy: CachePolicy,
  ) {
    this.facts = newStore(config.cacheMaxEntries, longestWindowMs(policy));
    this.refusals = newStore(config.cacheMaxRefusals, policy.negativeMs);
  }

  /** Refusals held. */
  get refusalCount(): number {
    return this.refusals.store.size;
  }

  async entry(name: string): Promise<KeyEntry | undefined> {
    return this.facts.get<KeyEntry>(name);
  }

  async setEntry(name: string, entry: KeyEntry): Promise<void> {
    await this.facts.set(name, entry);
  }

  async refusal(name: string): Promise<Refusal | undefined> {
    return this.refusals.get<Refusal>(name);
  }

  async setRefusal(name: string, refusal: Refusal): Promise<void> {
    await this.refusals.set(name, refusal);
  }

  async deleteEntry(name: string): Promise<void> {
    await this.facts.del(name);
  }

  async deleteRefusal(name: string): Promise<void> {
    await this.refusals.del(name);
  }
}

function newStore(limit: number, ttl: number): MemoryCache {
  // 0 would mean no limit. Age decides what is too old to use, even if the store still holds it.
  return createCache(
    memoryStore({
      // Otherwise the store would set a limit of its own.
      max: 0,
      ...atMost(limit),
      ttl: Math.max(1, ttl),
      ttlAutopurge: false,
      shouldCloneBeforeSet: false,
    }),
  );
}
