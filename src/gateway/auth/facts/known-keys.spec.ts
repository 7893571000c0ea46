import { ManualClock } from '../../../../test/support/lib/manual-clock.js';
import { Tombstones } from '../invalidation/tombstones.js';
import { EntryValidity } from './entry-validity.js';
import type { KeyEntry } from './key-entry.js';
import type { KeyFacts } from '../../principal/key-facts.js';
import { KnownKeys } from './known-keys.js';

const facts = { keyId: 'k1', allowedIps: null } as unknown as KeyFacts;
const policy = { freshMs: 100, negativeMs: 10, staleWhileRevalidateMs: 50, staleIfErrorMs: 500 };
let stones: Tombstones;
let clock: ManualClock;
let keys: KnownKeys;
const entry = (addressBound = false): KeyEntry => ({
  facts,
  addressBound,
  mark: stones.mark(undefined),
  startedAtMs: clock.elapsedMs,
});
beforeEach(() => {
  stones = new Tombstones(1000, 100);
  clock = new ManualClock(0);
  keys = new KnownKeys(new EntryValidity(stones, policy, clock), 10);
});

it.each([
  [0, 'fresh'],
  [99, 'fresh'],
  [100, 'stale'],
  [149, 'stale'],
  [150, undefined],
  [599, undefined],
])('after %d ms a key is %s', (ms, expected) => {
  keys.set('key', '::1', 'digest', entry());
  clock.elapsedMs = ms;
  expect(keys.find('key', '192.0.2.1')?.cache).toBe(expected);
});

it('what holds for one address is found for that one alone', () => {
  keys.set('key', '192.0.2.1', 'digest', entry(true));
  expect(keys.find('key', '192.0.2.1')).toBeDefined();
  expect(keys.find('key', '192.0.2.2')).toBeUndefined();
});

it('a tombstone on another key costs a comparison and nothing else', () => {
  keys.set('key', '::1', 'digest', entry());
  stones.add('id:other', 0);
  expect(keys.find('key', '::1')).toBeDefined();
  stones.add('digest:digest', 0);
  expect(keys.find('key', '::1')).toBeUndefined();
  expect(keys.size).toBe(0);
});

it('a principal is made once for as long as the key comes in the same place', () => {
  const known = keys.set('key', '::1', 'digest', entry());
  const first = known.principal('bearer');
  expect(known.principal('bearer')).toBe(first);
  expect(known.principal('basic')).toEqual({ facts, subject: 'key:digest', source: 'basic' });
  expect(first.source).toBe('bearer');
});

it('remembers a bounded number of keys', () => {
  for (let n = 0; n < 1000; n++) keys.set(`key ${n}`, '::1', `digest ${n}`, entry());
  expect(keys.size).toBeLessThanOrEqual(10);
});
