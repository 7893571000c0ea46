import type { ProblemError } from '../../../lib/http/problem-error.js';
import { expiryOf } from './key-expiry.js';

const NOW = Date.UTC(2026, 0, 31, 12);

it.each([
  ['never where nothing is said', {}, null],
  ['never by null', { expires_at: null, expires_in_days: null }, null],
  ['whole days from now', { expires_in_days: 1 }, '2026-02-01T12:00:00.000Z'],
  ['at a time, in UTC', { expires_at: '2026-05-01T12:00:00+02:00' }, '2026-05-01T10:00:00.000Z'],
  [
    'at a time, beside days that are null',
    { expires_at: '2027-01-01T00:00:00Z', expires_in_days: null },
    '2027-01-01T00:00:00.000Z',
  ],
  ['in a millisecond', { expires_at: '2026-01-31T12:00:00.001Z' }, '2026-01-31T12:00:00.001Z'],
])('a key ends %s', (_when, fields, expected) => {
  expect(expiryOf(fields, NOW)).toBe(expected);
});

it.each([
  [
    'both ways at once',
    { expires_at: '2027-01-01T00:00:00Z', expires_in_days: 1 },
    ['expires_at', 'expires_in_days'],
  ],
  ['this very moment', { expires_at: '2026-01-31T12:00:00.000Z' }, ['expires_at']],
  ['the past', { expires_at: '2026-01-31T12:00:00+00:01' }, ['expires_at']],
])('%s is refused', (_what, fields, expected) => {
  let refusal: ProblemError | undefined;
  try {
    expiryOf(fields, NOW);
  } catch (error) {
    refusal = error as ProblemError;
  }
  expect([refusal?.problem, refusal?.fields?.map(({ field }) => field)]).toEqual([
    'invalid-fields',
    expected,
  ]);
});
