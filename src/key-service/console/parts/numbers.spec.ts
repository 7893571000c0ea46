import { bytes, count, counted, periodName, share } from './numbers.js';

it('numbers have separators, and nouns their number', () => {
  expect(count(1_234_567)).toBe('1,234,567');
  expect([counted(1, 'key'), counted(0, 'key'), counted(1200, 'entry', 'entries')]).toEqual([
    '1 key',
    '0 keys',
    '1,200 entries',
  ]);
});

it('a part of nothing is no number', () => {
  expect([share(1, 3), share(0, 5), share(0, 0)]).toEqual(['33.3%', '0.0%', '–']);
});

it.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1.0 KiB'],
  [1024 ** 2 * 1.5, '1.5 MiB'],
  [1024 ** 5, '1024.0 TiB'],
])('%d bytes are %s', (value, words) => expect(bytes(value)).toBe(words));

it('a period has the name of its day, and of its time where it is shorter', () => {
  const atMs = Date.UTC(2026, 2, 14, 9);
  expect(periodName(atMs, 3_600_000)).toBe('2026-03-14 09:00');
  expect(periodName(atMs, 86_400_000)).toBe('2026-03-14');
});
