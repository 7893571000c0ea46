import { retryAfterMs, stricter, tightest, type Standing } from './decision.js';

function standing(remaining: number, resetMs: number): Standing {
  return { limit: 100, remaining, resetMs };
}

describe('a decision', () => {
  it('is as tight as its tightest budget', () => {
    const [hour, burst] = [standing(3, 10), standing(4, 20)];
    expect(tightest([hour, burst])).toBe(0);
    expect(tightest([burst, hour])).toBe(1);
    const slow = standing(3, 11);
    expect(tightest([slow, hour])).toBe(0);
    expect(tightest([hour, slow])).toBe(1);
    expect(tightest([burst, hour, slow])).toBe(2);
  });

  it.each([
    ['the full one', standing(0, 7000), standing(5, 90_000), 7000],
    ['both full: the later', standing(0, 7000), standing(0, 300), 7000],
    ['a time that has just passed', standing(0, 0), standing(5, 0), 1],
  ])('asks to wait for %s', (_name, hour, burst, expected) => {
    expect(retryAfterMs([hour, burst])).toBe(expected);
  });

  it.each([
    [standing(3, 10), standing(5, 20), { limit: 100, remaining: 3, resetMs: 10 }],
    [standing(5, 20), standing(3, 10), { limit: 100, remaining: 3, resetMs: 10 }],
    [standing(0, 20), standing(0, 10), { limit: 100, remaining: 0, resetMs: 20 }],
    [standing(0, 10), standing(0, 20), { limit: 100, remaining: 0, resetMs: 20 }],
  ])('takes the stricter of two views (%j, %j)', (shared, own, expected) => {
    expect(stricter(shared, { total: 100 - own.remaining, nextSlotMs: () => own.resetMs }, 0)).toEqual(
      expected,
    );
  });
});
