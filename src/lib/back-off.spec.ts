import { backOffMs } from './back-off.js';

const SHAPE = { firstMs: 200, maxMs: 30_000 };

it.each([
  [1, 200],
  [2, 400],
  [4, 1600],
  [8, 25_600],
  [9, 30_000],
  [1e6, 30_000],
])('the pause after %d failed attempts is %d ms', (attempts, pauseMs) =>
  expect(backOffMs(attempts, SHAPE)).toBe(pauseMs),
);
