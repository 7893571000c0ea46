import { Outage } from './outage.js';

describe('Retry-After is the age of the outage', () => {
  it.each([
    [0, 1],
    [999, 1],
    [1_999, 1],
    [2_000, 2],
    [17_600, 17],
    [30_000, 30],
    [45_000, 30],
  ])('after %d ms: %d s', (ageMs, seconds) => {
    const outage = new Outage();
    outage.failed(5_000);
    expect(outage.retryAfterSeconds(5_000 + ageMs)).toBe(seconds);
  });
});

it('further failures do not make it younger, an answer ends it', () => {
  const outage = new Outage();
  for (let ms = 0; ms <= 20_000; ms += 5_000) outage.failed(ms);
  expect(outage.ageSeconds(20_000)).toBe(20);
  expect(outage.ended(21_000)).toBe(21_000);
  expect([outage.ongoing(21_000), outage.ageSeconds(21_000), outage.retryAfterSeconds(21_000)]).toEqual([
    false,
    0,
    1,
  ]);
  expect(outage.ended(22_000)).toBeUndefined();
});

it('a failure after a long quiet is a new outage', () => {
  const outage = new Outage();
  outage.failed(0);
  outage.failed(600_000);
  expect(outage.retryAfterSeconds(600_000)).toBe(1);
});

it('ends when no request comes any more', () => {
  const outage = new Outage();
  outage.failed(0);
  outage.failed(40_000);
  expect([outage.ongoing(100_000), outage.ageSeconds(100_000)]).toEqual([true, 100]);
  expect([outage.ongoing(100_001), outage.ageSeconds(100_001)]).toEqual([false, 0]);
  expect(outage.retryAfterSeconds(28_800_000)).toBe(1);
  // What is known of its length: from the first failure to the last.
  expect(outage.ended(28_800_000)).toBe(40_000);
});
