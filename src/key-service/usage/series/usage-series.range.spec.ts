import type { UsagePeriod } from '../../../contracts/usage/usage-series.js';
import { indexIn, PERIOD_MS, seriesRangeOf } from './usage-series.range.js';

const NOW = '2026-05-10T12:34:56.789Z';
const rangeOf = (query: {
  from?: string;
  to?: string;
  period?: UsagePeriod;
}): ReturnType<typeof seriesRangeOf> => seriesRangeOf(query, Date.parse(NOW));
const before = (text: string, ms: number): string => new Date(Date.parse(text) - ms).toISOString();

describe('the range of a series', () => {
  it('is by default the last 24 hours, in whole hours', () => {
    expect(rangeOf({})).toEqual({
      from: '2026-05-09T12:00:00.000Z',
      to: '2026-05-10T13:00:00.000Z',
      period: 'hour',
      length: 25,
    });
  });

  it('includes the present moment, even at the start of an hour', () => {
    expect(seriesRangeOf({}, Date.parse('2026-05-10T12:00:00Z')).to).toBe('2026-05-10T13:00:00.000Z');
  });

  it('is by the hour up to two days, and by the day beyond', () => {
    const to = '2026-05-10T00:00:00.000Z';
    expect(rangeOf({ from: '2026-05-08T00:00:00.000Z', to })).toMatchObject({ period: 'hour', length: 48 });
    expect(rangeOf({ from: '2026-05-07T23:59:59.999Z', to })).toEqual({
      from: '2026-05-07T00:00:00.000Z',
      to,
      period: 'day',
      length: 3,
    });
  });

  it.each<[UsagePeriod, number]>([
    ['minute', 6 * PERIOD_MS.hour],
    ['hour', 31 * PERIOD_MS.day],
    ['day', 366 * PERIOD_MS.day],
  ])('by the %s is %d ms at most', (period, longestMs) => {
    const to = '2026-05-10T00:00:00.000Z';
    expect(rangeOf({ from: before(to, longestMs), to, period }).length).toBe(longestMs / PERIOD_MS[period]);
    expect(() => rangeOf({ from: before(to, longestMs + 2), to, period })).toThrow('must be at most');
    // Up to now the moment itself is in it, which is one more.
    expect(rangeOf({ from: before(NOW, longestMs), period }).from).toBeTruthy();
  });

  it('begins before it ends', () => {
    for (const to of ['2026-05-09T00:00:00Z', '2026-05-08T23:59:59Z'])
      expect(() => rangeOf({ from: '2026-05-09T00:00:00Z', to })).toThrow('must be earlier than to');
  });

  it('stays within the years that databases know', () => {
    expect(rangeOf({ to: '0001-01-01T05:00:00Z' })).toMatchObject({
      from: '0001-01-01T00:00:00.000Z',
      length: 5,
    });
    expect(rangeOf({ from: '9999-12-30T00:00:00Z', to: '9999-12-31T23:59:59Z' }).to).toBe(
      '9999-12-31T00:00:00.000Z',
    );
  });

  it('counts its periods from 0', () => {
    const range = rangeOf({});
    expect(indexIn(range, range.from)).toBe(0);
    expect(indexIn(range, '2026-05-10T12:00:00.000Z')).toBe(range.length - 1);
  });
});
