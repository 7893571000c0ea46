import { rangeOf } from './usage-range.js';

const NOW = Date.UTC(2026, 4, 10, 12);

describe('rangeOf', () => {
  it('is the last day by the hour unless asked otherwise, this very moment included', () => {
    expect(rangeOf({}, NOW)).toEqual({
      from: '2026-05-09T12:00:00.001Z',
      to: '2026-05-10T12:00:00.001Z',
      period: 'hour',
    });
  });

  it('turns to days where hours would be too many, and obeys a stated period', () => {
    const from = '2026-05-01T00:00:00+02:00';
    expect(rangeOf({ from }, NOW)).toMatchObject({ from: '2026-04-30T22:00:00.000Z', period: 'day' });
    expect(rangeOf({ from, period: 'hour' }, NOW).period).toBe('hour');
  });

  it.each([
    ['2026-05-11T00:00:00Z', undefined],
    ['2026-05-01T00:00:00Z', '2026-05-01T00:00:00Z'],
    ['2020-01-01T00:00:00Z', undefined],
  ])('refuses an empty or endless range from %s to %s', (from, to) => {
    expect(() => rangeOf({ from, ...(to && { to }) }, NOW)).toThrow(/from must be/);
  });
});
