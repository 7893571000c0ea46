import { minuteOf, spokenTime } from './moment.js';

const NOW = '2026-11-26T12:00:00.000Z';

it.each([
  ['2026-11-26T12:00:00.000Z', 'just now'],
  ['2026-11-26T11:59:01.000Z', 'just now'],
  ['2026-11-26T11:57:00.000Z', '3 min ago'],
  ['2026-11-26T11:00:01.000Z', '59 min ago'],
  ['2026-11-26T11:00:00.000Z', '1 h ago'],
  ['2026-11-24T12:00:01.000Z', '47 h ago'],
  ['2026-11-24T12:00:00.000Z', '2 days ago'],
  ['2025-11-26T12:00:00.000Z', '2025-11-26'],
  ['2026-11-26T12:00:59.000Z', 'in less than a minute'],
  ['2026-11-26T13:30:00.000Z', 'in 1 h'],
  ['2026-12-02T12:00:00.000Z', 'in 6 days'],
  ['2028-01-01T00:00:00.000Z', '2028-01-01'],
])('%s is %s at noon of the 26th', (at, words) => {
  expect(spokenTime(at, NOW)).toBe(words);
});

it('the exact time has its zone', () => {
  expect(minuteOf('2026-11-26T11:57:33.123Z')).toBe('2026-11-26 11:57 UTC');
});
