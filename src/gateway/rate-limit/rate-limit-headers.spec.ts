import type { ServerResponse } from 'node:http';
import type { Decision, Standing } from './decision.js';
import { policyHeader, RateLimitHeaders, rateLimitHeader } from './rate-limit-headers.js';

function standing(limit: number, remaining: number, resetMs: number): Standing {
  return { limit, remaining, resetMs };
}

function decision(hour: Standing, burst: Standing): Decision {
  return { outcome: 'allowed', store: 'local', hour, burst, nowMs: 1_700_000_000_250 };
}

function headersOf(decided: Decision, headers = new RateLimitHeaders(10)): Record<string, unknown> {
  const set: Record<string, unknown> = {};
  headers.set(
    { setHeader: (name: string, value: unknown) => (set[name] = value) } as unknown as ServerResponse,
    decided,
  );
  return set;
}

describe('rate-limit headers', () => {
  it('name both policies in the syntax of the IETF draft', () => {
    expect(policyHeader(60_000, 1000, 10)).toBe('"hour";q=60000;w=3600, "burst";q=1000;w=10');
    expect(rateLimitHeader(decision(standing(60_000, 59_999, 3_629_000), standing(1000, 999, 10_001)))).toBe(
      '"hour";r=59999;t=3629, "burst";r=999;t=11',
    );
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
    const headers = new RateLimitHeaders(10);
    const of = (hour: number, burst: number): unknown =>
      headersOf(decision(standing(hour, 1, 1), standing(burst, 1, 1)), headers)['ratelimit-policy'];
    expect([of(5, 6), of(5, 6), of(5, 7), of(4, 7)]).toEqual([
      policyHeader(5, 6, 10),
      policyHeader(5, 6, 10),
      policyHeader(5, 7, 10),
      policyHeader(4, 7, 10),
    ]);
  });
});
