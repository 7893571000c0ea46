import { retryAfterMs, stricter, tighter, type Decision, type Standing } from './decision.js';

function standing(remaining: number, resetMs: number): Standing {
  return { limit: 100, remaining, resetMs };
}

function decision(hour: Standing, burst: Standing): Decision {
  return { outcome: 'limited', store: 'redis', hour, burst, nowMs: 0 };
}

describe('a decision', () => {
  it('is as tight as its tighter policy', () => {
    const [hour, burst] = [standing(3, 10), standing(4, 20)];
    expect(tighter(decision(hour, burst))).toBe(hour);
    expect(tighter(decision(burst, hour))).toBe(hour);
    const slow = standing(3, 11);
    expect(tighter(decision(slow, hour))).toBe(slow);
    expect(tighter(decision(hour, slow))).toBe(slow);
  });

  it.each([
    ['the full one', standing(0, 7000), standing(5, 90_000), 7000],
    ['both full: the later', standing(0, 7000), standing(0, 300), 7000],
    ['a time that has just passed', standing(0, 0), standing(5, 0), 1],
  ])('asks to wait for %s', (_name, hour, burst, expected) => {
    expect(retryAfterMs(decision(hour, burst))).toBe(expected);
  });

  it.each([
    [standing(3, 10), standing(5, 20), { limit: 100, remaining: 3, resetMs: 10 }],
    [standing(5, 20), standing(3, 10), { limit: 100, remaining: 3, resetMs: 10 }],
    [standing(0, 20), standing(0, 10), { limit: 100, remaining: 0, resetMs: 20 }],
    [standing(0, 10), standing(0, 20), { limit: 100, remaining: 0, resetMs: 20 }],
  ])('takes the stricter of two views (%j, %j)', (shared, own, expected) => {
    expect(stricter(shared, own.remaining, () => own.resetMs)).toEqual(expected);
  });
});
