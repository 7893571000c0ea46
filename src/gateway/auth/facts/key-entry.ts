import type { CachePolicy } from '../../resilience/cache.policy.js';
import type { Mark } from '../invalidation/tombstones.js';
import type { KeyFacts } from '../../principal/key-facts.js';

/** Facts about a key as this process holds them. */
export interface KeyEntry {
  readonly facts: KeyFacts;
  /** They hold for the address that was asked about, and no other. */
  readonly addressBound: boolean;
  readonly mark: Mark;
  /** Monotonic time of this process at the start of the call, milliseconds. */
  readonly startedAtMs: number;
}

/** `revalidate`: usable while they are fetched again; `if-error`: usable if that fails. */
export type Freshness = 'fresh' | 'revalidate' | 'if-error' | 'expired';

export function freshnessOf(entry: KeyEntry, policy: CachePolicy, nowMs: number): Freshness {
  const ageMs = nowMs - entry.startedAtMs;
  if (ageMs < policy.freshMs) return 'fresh';
  const staleMs = ageMs - policy.freshMs;
  if (staleMs < policy.staleWhileRevalidateMs) return 'revalidate';
  return staleMs < policy.staleIfErrorMs ? 'if-error' : 'expired';
}
