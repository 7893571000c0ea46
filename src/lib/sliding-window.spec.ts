import { busiestSpan, seededRandom } from '../../test/support/lib/random.js';
import { SlidingWindow, take, type WindowShape } from './sliding-window.js';

const SHAPE: WindowShape = { windowMs: 1000, buckets: 10 };

describe('a sliding window', () => {
  const seeds = Array.from({ length: 20 }, (_, i) => i + 1);

  it.each(seeds)('never lets more than the limit through in any window (seed %i)', (seed) => {
    const next = seededRandom(seed);
    const limit = 1 + Math.floor(next() * 50);
    const pace = next() * 40;
    const window = new SlidingWindow(SHAPE);
    const accepted: number[] = [];
    let now = Math.floor(next() * 1e6);
    for (let i = 0; i < 3000; i++) {
      now += next() < 0.02 ? Math.floor(next() * 3000) : Math.floor(next() * pace);
      if (take([window], [limit], now, 1).granted === 1) accepted.push(now);
    }
    expect(busiestSpan(accepted, SHAPE.windowMs)).toBeLessThanOrEqual(limit);
    expect(accepted.length).toBeGreaterThan(0);
  });

  it.each(seeds)('refuses only what would not fit a window longer by one bucket (seed %i)', (seed) => {
    const next = seededRandom(seed);
    const limit = 1 + Math.floor(next() * 20);
    const window = new SlidingWindow(SHAPE);
    const accepted: number[] = [];
    let now = 0;
    for (let i = 0; i < 2000; i++) {
      now += Math.floor(next() * 30);
      if (take([window], [limit], now, 1).granted === 1) accepted.push(now);
      else
        expect(
          accepted.filter((time) => time > now - SHAPE.windowMs - window.bucketMs).length,
        ).toBeGreaterThanOrEqual(limit);
    }
  });

  it.each(seeds)('names the very millisecond at which a refused request is accepted (seed %i)', (seed) => {
    const next = seededRandom(seed);
    const window = new SlidingWindow(SHAPE);
    const limit = 3 + Math.floor(next() * 5);
    let now = 0;
    let refusals = 0;
    while (refusals < 50) {
      now += Math.floor(next() * 60);
      const taken = take([window], [limit], now, 1);
      if (taken.granted === 1) continue;
      refusals++;
      now += taken.resetMs[0] as number;
      expect(take([window], [limit], now - 1, 0).remaining[0]).toBe(0);
      expect(take([window], [limit], now, 1).granted).toBe(1);
    }
  });

  it('does not count what it refuses', () => {
    const window = new SlidingWindow(SHAPE);
    for (let i = 0; i < 100; i++) take([window], [5], 0, 1);
    expect(window.total).toBe(5);
    expect(take([window], [5], 1100, 5).granted).toBe(5);
  });

  it('counts in both windows or in none', () => {
    const wide = new SlidingWindow({ windowMs: 10_000, buckets: 10 });
    const narrow = new SlidingWindow(SHAPE);
    expect(take([wide, narrow], [10, 3], 0, 5)).toMatchObject({ granted: 3, remaining: [7, 0] });
    expect(take([wide, narrow], [10, 3], 10, 1)).toMatchObject({ granted: 0, remaining: [7, 0] });
    expect([wide.total, narrow.total]).toEqual([3, 3]);
  });

  it('says when enough has left after the limit was lowered', () => {
    const window = new SlidingWindow(SHAPE);
    take([window], [10], 0, 4);
    take([window], [10], 150, 4);
    // 8 are counted; one slot under a limit of 3 takes 6 to leave: the second bucket, at 1,200.
    expect(take([window], [3], 160, 1)).toMatchObject({ granted: 0, remaining: [0], resetMs: [1040] });
    expect(take([window], [3], 1199, 1).granted).toBe(0);
    expect(take([window], [3], 1200, 1).granted).toBe(1);
  });

  it('takes slots back only into the bucket that lent them', () => {
    const window = new SlidingWindow(SHAPE);
    const lent = take([window], [10], 0, 10);
    take([window], [10], 150, 0);
    expect(take([window], [10], 200, 0, { slots: 4, buckets: lent.buckets }).remaining).toEqual([4]);
    expect(take([window], [10], 200, 0, { slots: 7, buckets: lent.buckets }).remaining).toEqual([4]);
    expect(take([window], [10], 1300, 0, { slots: 1, buckets: lent.buckets }).remaining).toEqual([10]);
  });

  it('outlives a clock that goes back, and forgets one that goes back by more than a window', () => {
    const window = new SlidingWindow(SHAPE);
    take([window], [2], 5000, 2);
    expect(take([window], [2], 4500, 1).granted).toBe(0);
    expect(take([window], [2], 3000, 1).granted).toBe(1);
  });

  it('is empty after any long silence', () => {
    for (const pause of [1100, 1999, 2100, 5000, 1e9]) {
      const window = new SlidingWindow(SHAPE);
      take([window], [3], 50, 1);
      take([window], [3], 450, 2);
      expect(take([window], [3], 450 + pause, 3)).toMatchObject({ granted: 3, remaining: [0] });
    }
  });
});
