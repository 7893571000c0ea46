import { ManualClock } from '../../../../test/support/lib/manual-clock.js';
import { filterFor, Listings } from './listings.js';

function counted(): { list: () => Promise<number>; fail: () => Promise<number>; calls: () => number } {
  let calls = 0;
  return {
    list: async () => ++calls,
    fail: async () => {
      calls += 1;
      throw new Error('MLflow is down');
    },
    calls: () => calls,
  };
}

describe('a list that MLflow has given', () => {
  it('serves all who ask within half a minute, and no longer', async () => {
    const clock = new ManualClock();
    clock.advance(1000);
    const listings = new Listings<number>(clock);
    const { list, calls } = counted();
    await Promise.all([listings.get('a', '', list), listings.get('a', '', list)]);
    clock.advance(30_000);
    expect(await listings.get('a', '', list)).toBe(1);
    clock.advance(1);
    expect(await listings.get('a', '', list)).toBe(2);
    expect(calls()).toBe(2);
  });

  it('serves neither another filter nor another workspace', async () => {
    const listings = new Listings<number>(new ManualClock());
    const { list } = counted();
    expect(await listings.get('a', 'x', list)).toBe(1);
    expect(await listings.get('b', 'x', list)).toBe(2);
    expect(await listings.get('a', 'y', list)).toBe(3);
    expect(await listings.get(undefined, 'x', list)).toBe(4);
  });

  it('is asked for again where it failed, or was forgotten', async () => {
    const listings = new Listings<number>(new ManualClock());
    const { list, fail } = counted();
    await expect(listings.get('a', '', fail)).rejects.toThrow('MLflow is down');
    expect(await listings.get('a', '', list)).toBe(2);
    listings.forget();
    expect(await listings.get('a', '', list)).toBe(3);
  });
});

it.each([
  ['team-*', "name LIKE 'team-%'"],
  ['plain', "name LIKE 'plain%'"],
  ["it's-*", "name LIKE 'it%'"],
  ['back\\slash*', "name LIKE 'back%'"],
  ['*', ''],
  ["'*", ''],
])('the pattern %s is searched for with the filter %s', (pattern, filter) =>
  expect(filterFor(pattern)).toBe(filter),
);
