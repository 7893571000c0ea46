import { ManualClock } from '../../../../test/support/lib/manual-clock.js';
import { ConcurrencyLimit } from './concurrency-limit.js';
import type { Waiter } from './lanes.js';

describe('ConcurrencyLimit', () => {
  let clock: ManualClock;
  let started: string[];
  beforeEach(() => {
    clock = new ManualClock();
    started = [];
  });
  /** A request by the name of its key, or `key@address`. */
  const waiter = (name: string): Waiter => {
    const [subject = '', clientIp = '192.0.2.1'] = name.split('@');
    return { subject, clientIp, seat: undefined, start: () => started.push(name) };
  };
  const newLimit = (maxActive: number, maxWaiting: number, sharePercent = 100): ConcurrencyLimit =>
    new ConcurrencyLimit({ maxActive, maxWaiting, sharePercent }, clock);
  /** How many of as many requests as there can be find room. */
  const fill = (limit: ConcurrencyLimit, name: string, count = 5000): Waiter[] =>
    Array.from({ length: count }, () => waiter(name)).filter((one) => limit.enter(one) === undefined);

  it('starts requests at once while there is room', () => {
    const limit = newLimit(2, 0);
    const [a, b] = [waiter('a'), waiter('b')];
    expect([limit.enter(a), limit.enter(b), limit.enter(waiter('c'))?.cause]).toEqual([
      undefined,
      undefined,
      'queue_full',
    ]);
    expect(started).toEqual(['a', 'b']);
    limit.leave(a);
    expect(limit.enter(waiter('d'))).toBeUndefined();
    expect(limit.inFlight).toBe(2);
  });

  it('serves the requests of one key and address in order of arrival, before newcomers', () => {
    const limit = newLimit(1, 2);
    const all = ['1', '2', '3', '4'].map((n) => ({ ...waiter('k'), start: () => started.push(n) }));
    for (const one of all.slice(0, 3)) limit.enter(one);
    expect([limit.inFlight, limit.queued]).toEqual([1, 2]);
    limit.leave(all[0]!);
    expect(limit.enter(all[3]!)).toBeUndefined();
    limit.leave(all[1]!);
    limit.leave(all[2]!);
    expect(started).toEqual(['1', '2', '3', '4']);
    limit.leave(all[3]!);
    expect([limit.inFlight, limit.queued]).toEqual([0, 0]);
  });

  it('serves waiting keys in turn, and within a key its addresses in turn', () => {
    const limit = newLimit(1, 100);
    const first = waiter('x');
    limit.enter(first);
    const queue = ['a@1', 'a@1', 'a@2', 'a@1', 'b@1', 'b@1', 'c@1'].map(waiter);
    for (const one of queue) limit.enter(one);
    limit.leave(first);
    // Each ends as soon as it has started.
    const isRunning = (one: Waiter): boolean => one.seat !== undefined && !one.seat.waiting.has(one);
    for (let n = 0; n < queue.length; n++) limit.leave(queue.find(isRunning)!);
    expect(started).toEqual(['x', 'a@1', 'b@1', 'c@1', 'a@2', 'b@1', 'a@1', 'a@1']);
  });

  it('a request that leaves the queue frees its place and never starts', () => {
    const limit = newLimit(1, 1);
    const [a, gone, c] = [waiter('a'), waiter('gone'), waiter('c')];
    limit.enter(a);
    limit.enter(gone);
    expect(limit.enter(waiter('b'))?.cause).toBe('queue_full');
    expect(limit.cancel(gone)).toBe(true);
    expect(limit.cancel(gone)).toBe(false);
    expect(limit.enter(c)).toBeUndefined();
    limit.leave(a);
    expect(started).toEqual(['a', 'c']);
    expect(limit.cancel(c)).toBe(false);
  });

  it('one key that asks without end leaves slots and places for others', () => {
    const limit = newLimit(1024, 1024, 80);
    const hog = Array.from({ length: 50 }, (_, n) => fill(limit, `hog@10.0.0.${n}`, 500)).flat();
    expect(limit.enter(waiter('hog@10.0.0.99'))).toMatchObject({ cause: 'key_share' });
    expect([limit.inFlight, limit.queued]).toEqual([819, 819]);
    expect(hog).toHaveLength(1638);
    started = [];
    expect(fill(limit, 'other', 100)).toHaveLength(100);
    expect(started).toHaveLength(100);
  });

  it('eight keys that ask without end, one after the other, leave a slot for one more', () => {
    const limit = newLimit(1024, 1024, 50);
    for (let n = 0; n < 8; n++) fill(limit, `hog-${n}`);
    started = [];
    expect(limit.enter(waiter('other'))).toBeUndefined();
    expect(started).toEqual(['other']);
  });

  it('one address leaves slots and places to the others of its key, all of an IPv6 /64 being one', () => {
    const limit = newLimit(100, 100, 80);
    for (let n = 1; n < 200; n++) fill(limit, `k@2001:db8::${n}`, 5);
    expect(limit.enter(waiter('k@2001:db8::ffff'))).toMatchObject({ cause: 'address_share' });
    expect([limit.inFlight, limit.queued]).toEqual([64, 64]);
    started = [];
    expect(fill(limit, 'k@2001:db8:0:1::1', 8)).toHaveLength(8);
    expect(started.length).toBeGreaterThan(0);
  });

  it('a slot that is free again starts all that it makes room for in their shares', () => {
    const limit = newLimit(20, 20, 80);
    const other = fill(limit, 'other', 6);
    const hog = fill(limit, 'hog', 18);
    expect([limit.inFlight, limit.queued]).toEqual([17, 7]);
    limit.leave(other[0]!);
    expect([limit.inFlight, limit.queued]).toEqual([17, 6]);
    limit.leave(other[1]!);
    expect([limit.inFlight, limit.queued]).toEqual([16, 6]);
    for (const one of [...other.slice(2), ...hog]) limit.leave(one);
    expect([limit.inFlight, limit.queued]).toEqual([0, 0]);
  });

  it('a waiting request that ends as soon as it starts gives its slot to the next', () => {
    const limit = newLimit(1, 10);
    const first = waiter('a');
    limit.enter(first);
    const short: Waiter[] = [1, 2, 3].map(() => {
      const one: Waiter = { ...waiter('b'), start: () => (started.push('b'), limit.leave(one)) };
      return one;
    });
    for (const one of short) limit.enter(one);
    limit.leave(first);
    expect(started).toEqual(['a', 'b', 'b', 'b']);
    expect([limit.inFlight, limit.queued]).toEqual([0, 0]);
  });

  it('forgets keys that have nothing under way, but for some, so that their number is bounded', () => {
    const limit = newLimit(10_000, 0);
    const all = Array.from({ length: 5000 }, (_, n) => waiter(`key-${n}@${n}`));
    for (const one of all) limit.enter(one);
    expect(limit.knownKeys).toBe(5000);
    for (const one of all) limit.leave(one);
    expect([limit.inFlight, limit.knownKeys]).toEqual([0, 1000]);
  });

  it('Retry-After is the age of the overload, from 1 to 30 s, and starts again after it', () => {
    const limit = newLimit(1, 0);
    const a = waiter('a');
    limit.enter(a);
    const refused = (): number | undefined => limit.enter(waiter('b'))?.retryAfterSeconds;
    expect(refused()).toBe(1);
    clock.advance(7_200);
    expect(refused()).toBe(8);
    clock.advance(90_000);
    expect(refused()).toBe(30);
    limit.leave(a);
    limit.enter(waiter('c'));
    expect(refused()).toBe(1);
  });

  it('a key that asks for more than its share has an overload of its own', () => {
    const limit = newLimit(10, 10, 50);
    for (let n = 0; n < 10; n++) fill(limit, `hog@${n}`);
    clock.advance(5000);
    expect(limit.enter(waiter('hog@x'))).toEqual({ cause: 'key_share', retryAfterSeconds: 5 });
    for (const name of ['b', 'c', 'd', 'e', 'f', 'g']) fill(limit, name);
    expect(limit.enter(waiter('h'))).toEqual({ cause: 'queue_full', retryAfterSeconds: 1 });
  });
});
