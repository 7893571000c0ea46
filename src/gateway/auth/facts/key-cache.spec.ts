import { keyFacts } from '../../../../test/support/lib/key-facts.js';
import { ManualClock } from '../../../../test/support/lib/manual-clock.js';
import type { CachePolicy } from '../../resilience/cache.policy.js';
import { CacheNames } from '../cache-names.js';
import { Tombstones } from '../invalidation/tombstones.js';
import { EntryValidity } from './entry-validity.js';
import { KeyCache } from './key-cache.js';
import { MemoryFacts } from './memory-facts.js';
import { SharedFacts } from './shared-facts.js';
import type { SharedTrust } from '../shared-trust/shared-trust.js';

const POLICY: CachePolicy = { freshMs: 300, negativeMs: 30, staleWhileRevalidateMs: 60, staleIfErrorMs: 900 };

describe('facts of a key that were fetched a while ago', () => {
  const clock = new ManualClock();
  const cache = new KeyCache(
    new CacheNames([], 'ml'),
    new MemoryFacts({ cacheMaxEntries: 100, cacheMaxRefusals: 100 }, POLICY),
    new SharedFacts(null, 1000, clock, {} as SharedTrust),
    new EntryValidity(new Tombstones(10_000, 100), POLICY, clock),
    clock,
  );
  const subject = cache.subject('a-key', '192.0.2.1');

  beforeEach(async () => {
    clock.elapsedMs = 0;
    const valid = { kind: 'valid', facts: keyFacts(), addressBound: false } as const;
    await cache.remember(subject, valid, cache.startCall(undefined));
  });

  it.each([
    [0, 'fresh', 'fresh'],
    [299, 'fresh', 'fresh'],
    [300, 'stale', undefined],
    [359, 'stale', undefined],
    [360, undefined, undefined],
  ])('%d ms are %s, and to a refresh %s', async (ageMs, forRequests, forRefresh) => {
    clock.elapsedMs = ageMs;
    const label = async (fresh: boolean): Promise<string | undefined> => {
      const finding = await cache.find(subject, { fresh });
      return finding.kind === 'entry' ? finding.cache : undefined;
    };
    expect([await label(false), await label(true)]).toEqual([forRequests, forRefresh]);
  });
});
