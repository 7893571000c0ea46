import { partsOf, type Part } from './usage-parts.js';
import { weekOf } from '../sums/usage-sums.js';

/** Day and hour of May 2026, whose 4th, 11th, 18th and 25th are Mondays. */
const at = (day: number, hour = 0): string => new Date(Date.UTC(2026, 4, day, hour)).toISOString();
const parts = (from: string, to: string, period: 'hour' | 'day', weeks: readonly string[] = []): string[] =>
  partsOf({ from, to, period, length: 0 }, weeks).map(
    (part: Part) => `${part.period} ${part.from.slice(8, 13)} ${part.to.slice(8, 13)}`,
  );

describe('parts of a range', () => {
  it('are only hours if there is no whole day', () => {
    expect(parts(at(4, 5), at(5, 4), 'hour')).toEqual(['hour 04T05 05T04']);
    expect(parts(at(4, 5), at(5, 0), 'hour')).toEqual(['hour 04T05 05T00']);
  });

  it('are whole days between hours', () => {
    expect(parts(at(4, 5), at(7, 4), 'hour')).toEqual([
      'hour 04T05 05T00',
      'day 05T00 07T00',
      'hour 07T00 07T04',
    ]);
    expect(parts(at(4), at(7), 'hour')).toEqual(['day 04T00 07T00']);
  });

  it('are the weeks that are summed up, those that follow each other as one', () => {
    const weeks = [at(4), at(11), at(18)];
    expect(parts(at(2), at(28), 'day', weeks)).toEqual([
      'day 02T00 04T00',
      'week 04T00 25T00',
      'day 25T00 28T00',
    ]);
    expect(parts(at(4), at(25), 'day', weeks)).toEqual(['week 04T00 25T00']);
    expect(parts(at(3, 7), at(26, 7), 'hour', [at(4), at(18)])).toEqual([
      'hour 03T07 04T00',
      'week 04T00 11T00',
      'day 11T00 18T00',
      'week 18T00 25T00',
      'day 25T00 26T00',
      'hour 26T00 26T07',
    ]);
  });

  it('hold no week that the range has a part of alone', () => {
    expect(parts(at(5), at(17), 'day', [at(4), at(11)])).toEqual(['day 05T00 17T00']);
  });

  it.each([
    [at(4), at(4)],
    [at(10, 23), at(4)],
    [at(11), at(11)],
    ['1969-12-31T23:00:00.000Z', '1969-12-29T00:00:00.000Z'],
  ])('the week of %s begins on Monday, %s', (time, monday) => {
    expect(weekOf(time)).toBe(monday);
  });
});
