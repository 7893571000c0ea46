import { addressOf, faultOf } from './asking.ts';

describe('an answer to a victim', () => {
  it('is right where the upstream saw the very user', () => {
    expect(faultOf({ how: 'complete', status: 200, body: 'ann', bytes: 3 }, 'ann')).toBeUndefined();
  });

  it.each([
    [{ how: 'complete', status: 200, body: 'root', bytes: 4 }, 'ann was taken for "root"'],
    [{ how: 'complete', status: 503, body: 'busy', bytes: 4 }, '503: busy'],
    [{ how: 'truncated', status: 200, body: 'ann', bytes: 3, error: 'reset' }, 'truncated: reset'],
    [{ how: 'unanswered', body: '', bytes: 0 }, 'unanswered: '],
  ] as const)('is wrong: %j', (ended, fault) => expect(faultOf(ended, 'ann')).toBe(fault));
});

it('victims are in networks of their own', () => {
  expect(new Set(Array.from({ length: 512 }, (_one, n) => addressOf(n))).size).toBe(512);
  expect([addressOf(0), addressOf(300)]).toEqual(['198.18.0.7', '198.19.44.7']);
});
