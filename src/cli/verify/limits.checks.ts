import { fail, pass, skip, warn, type Check } from '../checks/check.js';
import {
  HEADER_LEGACY_LIMIT,
  HEADER_LEGACY_REMAINING,
  HEADER_LEGACY_RESET,
  HEADER_RATELIMIT,
  HEADER_RATELIMIT_POLICY,
  ROUTE_METRICS,
} from '../../sdk/index.js';
import { faultOf } from '../checks/gateway-answer.js';
import { bearer, SEARCH_PATH, type VerifyContext } from './verify-context.js';

const LATENCY_REQUESTS = 20;
const RATE_LIMIT_HEADERS = [
  HEADER_RATELIMIT,
  HEADER_RATELIMIT_POLICY,
  HEADER_LEGACY_LIMIT,
  HEADER_LEGACY_REMAINING,
  HEADER_LEGACY_RESET,
] as const;

/** The rate-limit headers on an answer to an allowed request. */
export const rateLimitHeaders: Check<VerifyContext> = {
  name: 'rate-limit-headers',
  title: 'Rate-limit headers',
  needs: ['key-at-gateway'],
  run({ notes: { keyAnswer } }) {
    const expected = 'RateLimit, RateLimit-Policy and X-RateLimit-* on every answer';
    if (!keyAnswer) return Promise.resolve(skip('there was no answer to look at', expected));
    const missing = RATE_LIMIT_HEADERS.filter((name) => keyAnswer.headers[name] === undefined);
    if (missing.length > 0)
      return Promise.resolve(
        fail(
          'rate-limit-headers-missing',
          `missing: ${missing.join(', ')}`,
          expected,
          'Something in front of the gateway drops them, or it is an older gateway.',
        ),
      );
    const limit = Number(keyAnswer.headers[HEADER_LEGACY_LIMIT]);
    const remaining = Number(keyAnswer.headers[HEADER_LEGACY_REMAINING]);
    const seen = `${remaining} of ${limit} requests left`;
    return Promise.resolve(
      remaining < limit / 10
        ? warn(seen, expected, 'Raise the limits of the key, or spread the load over several keys.')
        : pass(seen, expected),
    );
  },
};

/** The state of Redis from the gateway's metrics, because clients cannot see it in any other way. */
export const redisOfGateway: Check<VerifyContext> = {
  name: 'redis',
  title: 'Redis of the gateway',
  needs: ['gateway-health'],
  async run({ probe, gatewayUrl, env }) {
    const expected = 'redis_up 1 in /metrics, or no Redis configured';
    // The servers take a list.
    const token = env['METRICS_TOKEN']?.split(',')[0]?.trim();
    const answer = await probe.send(gatewayUrl + ROUTE_METRICS, { headers: token ? bearer(token) : {} });
    if (answer.status !== 200)
      return skip(`/metrics answers ${answer.status}`, expected, 'Set METRICS_TOKEN to look into it.');
    const up = /^redis_up(?:\{[^}]*\})? ([01])$/m.exec(answer.text)?.[1];
    if (up === undefined) return pass('no Redis configured: every replica counts for itself', expected);
    if (up === '1') return pass('connected', expected);
    return fail(
      'redis-down',
      'redis_up 0',
      expected,
      "Start Redis, or correct the gateway's REDIS_URL; until then limits and the cache are per replica.",
    );
  },
};

/** How long a search takes, connection already open. */
export const latency: Check<VerifyContext> = {
  name: 'latency',
  title: 'Latency',
  needs: ['experiments-search'],
  async run({ probe, trackingUri, apiKey, maxLatencyMs }) {
    const expected = `95 of 100 searches within ${maxLatencyMs} ms`;
    const durations: number[] = [];
    for (let i = 0; i < LATENCY_REQUESTS; i++) {
      const answer = await probe.send(trackingUri + SEARCH_PATH, { headers: bearer(apiKey) });
      if (answer.status !== 200) return faultOf(answer, expected);
      durations.push(answer.durationMs);
    }
    durations.sort((a, b) => a - b);
    const p50 = percentile(durations, 0.5);
    const p95 = percentile(durations, 0.95);
    const seen = `p50 ${p50.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms over ${LATENCY_REQUESTS} searches`;
    return p95 <= maxLatencyMs
      ? pass(seen, expected)
      : fail(
          'too-slow',
          seen,
          expected,
          'Compare with MLflow directly; look at its database and at the network.',
        );
  },
};

/** @param sorted ascending, not empty */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? NaN;
}
