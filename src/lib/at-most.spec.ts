import { LRUCache } from 'lru-cache';
import { atMost } from './at-most.js';

describe('atMost', () => {
  it('holds as many entries as it says, and gives up the one that was not used for longest', () => {
    const cache = new LRUCache<string, number>(atMost(3));
    for (const [value, key] of ['a', 'b', 'c'].entries()) cache.set(key, value);
    cache.get('a');
    cache.set('c', 9);
    cache.set('d', 3);
    cache.set('e', 4);
    expect([...cache.keys()]).toEqual(['e', 'd', 'c']);
    cache.delete('d');
    cache.set('f', 5);
    expect([...cache.entries()]).toEqual([
      ['f', 5],
      ['e', 4],
      ['c', 9],
    ]);
  });

  it('forgets what is too old, with a time to live', () => {
    let nowMs = 1000;
    const perf = { now: () => nowMs };
    const cache = new LRUCache<string, number>({ ...atMost(10), ttl: 100, ttlResolution: 0, perf });
    cache.set('a', 1);
    expect(cache.get('a')).toBe(1);
    nowMs += 101;
    expect(cache.get('a')).toBeUndefined();
  });

  it('takes no memory for entries that it does not hold', () => {
    const before = process.memoryUsage();
    const caches = Array.from({ length: 20 }, () => new LRUCache<string, number>(atMost(10_000_000)));
    const after = process.memoryUsage();
    const taken = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
    expect([caches.length, taken < 50_000_000]).toEqual([20, true]);
  });
});
