import { Clock } from '../../../platform/clock.js';
import { ConcurrencyLimit, type Waiter } from './concurrency-limit.js';

class SetClock extends Clock {
  nowMs = 0;
  override now(): number {
    return this.nowMs;
  }
  override monotonicMs(): number {
    return this.nowMs;
  }
}

describe('ConcurrencyLimit', () => {
  const clock = new SetClock();
  let started: string[];
  const waiter = (name: string): Waiter => ({ start: () => started.push(name) });
  beforeEach(() => {
    started = [];
    clock.nowMs = 0;
  });

  it('starts requests at once while there is room', () => {
    const limit = new ConcurrencyLimit(2, 0, clock);
    expect([limit.enter(waiter('a')), limit.enter(waiter('b')), limit.enter(waiter('c'))]).toEqual([
      true,
      true,
      false,
    ]);
    expect(started).toEqual(['a', 'b']);
    limit.leave();
    expect(limit.enter(waiter('d'))).toBe(true);
    expect(limit.inFlight).toBe(2);
  });

  it('serves the queue first come first served, before newcomers', () => {
    const limit = new ConcurrencyLimit(1, 2, clock);
    for (const name of ['a', 'b', 'c']) limit.enter(waiter(name));
    expect([limit.inFlight, limit.queued]).toEqual([1, 2]);
    limit.leave();
    expect(limit.enter(waiter('d'))).toBe(true);
    limit.leave();
    limit.leave();
    expect(started).toEqual(['a', 'b', 'c', 'd']);
    limit.leave();
    expect([limit.inFlight, limit.queued]).toEqual([0, 0]);
  });

  it('a request that leaves the queue frees its place and never starts', () => {
    const limit = new ConcurrencyLimit(1, 1, clock);
    const gone = waiter('gone');
    limit.enter(waiter('a'));
    limit.enter(gone);
    expect(limit.enter(waiter('b'))).toBe(false);
    expect(limit.cancel(gone)).toBe(true);
    expect(limit.cancel(gone)).toBe(false);
    expect(limit.enter(waiter('c'))).toBe(true);
    limit.leave();
    expect(started).toEqual(['a', 'c']);
  });

  it('Retry-After is the age of the overload, from 1 to 30 s, and starts anew after it', () => {
    const limit = new ConcurrencyLimit(1, 0, clock);
    limit.enter(waiter('a'));
    limit.enter(waiter('b'));
    expect(limit.retryAfterSeconds).toBe(1);
    clock.nowMs = 7_200;
    limit.enter(waiter('c'));
    expect(limit.retryAfterSeconds).toBe(8);
    clock.nowMs = 90_000;
    expect(limit.retryAfterSeconds).toBe(30);
    limit.leave();
    expect(limit.retryAfterSeconds).toBe(1);
  });
});
