import { reconnectDelayMs } from './redis-connection.js';

it.each([
  [0, 50],
  [1, 100],
  [2, 200],
  [3, 400],
  [4, 800],
  [5, 1000],
  [100_000, 1000],
])('after %d failed attempts Redis is asked again in %d ms', (failedAttempts, delayMs) => {
  expect(reconnectDelayMs(failedAttempts)).toBe(delayMs);
});
