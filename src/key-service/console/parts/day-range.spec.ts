import { dayRange } from './day-range.js';

describe('days of a form', () => {
  it('are whole days in UTC, the last one too', () =>
    expect(dayRange({ from: '2026-02-27', to: '2026-02-28' })).toEqual({
      from: '2026-02-27T00:00:00.000Z',
      to: '2026-03-01T00:00:00.000Z',
    }));

  it('may be left out, each of them', () => {
    expect(dayRange({})).toEqual({});
    expect(dayRange({ to: '2026-12-31' })).toEqual({ to: '2027-01-01T00:00:00.000Z' });
  });

  it.each(['2026-02-30x', 'yesterday', '2026-13-01', '2026-03-14T10:00:00Z'])(
    'stay as they are where they are none: %s, so that the API says what is wrong',
    (text) => expect(dayRange({ from: text, to: text })).toEqual({ from: text, to: text }),
  );
});
