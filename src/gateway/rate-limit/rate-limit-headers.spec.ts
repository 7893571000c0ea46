import type { ServerResponse } from 'node:http';
import { requestLimits } from '../../../test/support/lib/rate-limits.js';
import type { Decision, Standing } from './decision.js';
import { rateLimitHeader, setRateLimitHeaders } from './rate-limit-headers.js';

function standing(limit: number, remaining: number, resetMs: number): Standing {
  return { limit, remaining, resetMs };
}

function decision(hour: Standing, burst: Standing, searches?: Standing): Decision {
  const limits = requestLimits({
    perHour: hour.limit,
    burst: burst.limit,
    ...(searches && { searches: searches.limit }),
  });
  const standings = searches ? [hour, burst, searches] : [hour, burst];
  return { outcome: 'allowed', store: 'local', limits, standings, nowMs: 1_700_000_000_250 };
}

function headersOf(decided: Decision): Record<string, unknown> {
  const set: Record<string, unknown> = {};
  setRateLimitHeaders(
    { setHeader: (name: string, value: unknown) => (set[name] = value) } as unknown as ServerResponse,
    decided,
  );
  return set;
}

describe('rate-limit headers', () => {
  it('name both policies in the syntax of the IETF draft', () => {
    const decided = decision(standing(60_000, 59_999, 3_629_000), standing(1000, 999, 10_001));
    expect(headersOf(decided)['ratelimit-policy']).toBe('"hour";q=60000;w=3600, "burst";q=1000;w=10');
    expect(rateLimitHeader(decided)).toBe('"hour";r=59999;t=3629, "burst";r=999;t=11');
  });

  it('name every further budget that the request counts in', () => {
    const decided = decision(standing(60_000, 9, 9000), standing(1000, 9, 9000), standing(30, 2, 41_000));
    expect(headersOf(decided)).toMatchObject({
      'ratelimit-policy': '"hour";q=60000;w=3600, "burst";q=1000;w=10, "searches";q=30;w=60',
      ratelimit: '"hour";r=9;t=9, "burst";r=9;t=9, "searches";r=2;t=41',
      'x-ratelimit-limit': '30',
      'x-ratelimit-remaining': '2',
      'x-ratelimit-reset': '1700000042',
    });
  });

  it.each([
    [
      'the one with less room',
      standing(60_000, 7, 5000),
      standing(1000, 999, 9000),
      [60_000, 7, 1_700_000_006],
    ],
    ['the other one', standing(60_000, 5000, 5000), standing(1000, 9, 9000), [1000, 9, 1_700_000_010]],
    ['the slower on a tie', standing(60_000, 0, 20_000), standing(1000, 0, 400), [60_000, 0, 1_700_000_021]],
  ])('show the tighter policy in the legacy three: %s', (_name, hour, burst, [limit, remaining, reset]) => {
    expect(headersOf(decision(hour, burst))).toMatchObject({
      'x-ratelimit-limit': String(limit),
      'x-ratelimit-remaining': String(remaining),
      'x-ratelimit-reset': String(reset),
    });
  });

  it('follow limits that differ from key to key', () => {
    const of = (hour: number, burst: number): unknown =>
      headersOf(decision(standing(hour, 1, 1), standing(burst, 1, 1)))['ratelimit-policy'];
    expect([of(5, 6), of(5, 7), of(4, 7)]).toEqual([
      '"hour";q=5;w=3600, "burst";q=6;w=10',
      '"hour";q=5;w=3600, "burst";q=7;w=10',
      '"hour";q=4;w=3600, "burst";q=7;w=10',
    ]);
  });
});
