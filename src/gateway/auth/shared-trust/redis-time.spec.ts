import { ManualClock } from '../../../../test/support/lib/manual-clock.js';
import { RedisTime } from './redis-time.js';

const NOW_MS = Date.UTC(2026, 0, 1);
const clock = new ManualClock(NOW_MS);
const time = new RedisTime(clock);
const us = (offsetMs: number): number => (NOW_MS + offsetMs) * 1000;

it.each<[string, number, boolean]>([
  ['as here', us(0), true],
  ['five minutes behind', us(-300_000), true],
  ['five minutes ahead', us(300_000), true],
  ['more behind', us(-300_001), false],
  ['more ahead', us(300_001), false],
  ['no number', NaN, false],
  ['endless', Infinity, false],
])('a clock of Redis that is %s', (_what, redisUs, believable) =>
  expect(time.believable(redisUs)).toBe(believable),
);

it('a clock that stands still is trusted for five minutes', () => {
  const moving = new ManualClock(NOW_MS);
  const there = new RedisTime(moving);
  moving.advance(300_000);
  expect(there.believable(us(0))).toBe(true);
  moving.advance(1);
  expect(there.believable(us(0))).toBe(false);
});

it('nothing happens in the future, and nothing is over before its lifetime and the skew', () => {
  expect([time.inFuture(us(300_000)), time.inFuture(us(300_001))]).toEqual([false, true]);
  expect([time.isOver(us(-310_000), 10_000), time.isOver(us(-310_001), 10_000)]).toEqual([false, true]);
});
