import { Registry } from 'prom-client';
import { RateLimitConfig } from '../../../src/gateway/config/rate-limit.config.js';
import type { Decision } from '../../../src/gateway/rate-limit/decision.js';
import { RateLimitMetrics } from '../../../src/gateway/rate-limit/rate-limit.metrics.js';
import { RateLimiter } from '../../../src/gateway/rate-limit/rate-limiter.js';
import { Clock, SystemClock } from '../../../src/platform/clock.js';
import { JsonLogger } from '../../../src/platform/logging/logger.js';
import type { RedisOptions } from '../../../src/platform/redis/redis-connection.js';
import { RedisLink } from '../../../src/platform/redis/redis-link.js';
import { eventually } from '../../support/lib/eventually.js';
import { requestLimits, type TestLimits } from '../../support/lib/rate-limits.js';
import { LogCapture } from '../../support/lib/log-capture.js';

/** A decision and when it was asked for and given, by one clock for all replicas. */
export interface Timed {
  askedAtMs: number;
  givenAtMs: number;
  decision: Decision;
}

/** One replica's limiter with a connection of its own. */
export class Replica {
  readonly logs = new LogCapture();
  readonly registry = new Registry();
  readonly link: RedisLink;
  readonly limiter: RateLimiter;
  private readonly burstWindowSeconds: number;

  constructor(
    url: string,
    settings: Partial<RateLimitConfig> = {},
    options: Partial<RedisOptions> & { clock?: Clock } = {},
  ) {
    const clock = options.clock ?? new SystemClock();
    // Counting is what is tested here, so a busy test machine must not look like a slow Redis.
    const redis = { commandTimeoutMs: 5000, ...options };
    this.link = new RedisLink(url, redis, this.registry, new JsonLogger('info', this.logs), clock);
    const config = Object.assign(new RateLimitConfig(), { burstWindowSeconds: 1 }, settings);
    this.burstWindowSeconds = config.burstWindowSeconds;
    this.limiter = new RateLimiter(config, clock, new RateLimitMetrics(this.registry), this.link);
  }

  async connect(): Promise<this> {
    this.link.connect();
    await eventually(() => this.link.usable, { what: 'a usable link to Redis' });
    return this;
  }

  async decide(digest: string, limits: TestLimits): Promise<Timed> {
    const askedAtMs = performance.now();
    const decision = await this.limiter.decide(digest, requestLimits(limits, this.burstWindowSeconds));
    return { askedAtMs, givenAtMs: performance.now(), decision };
  }

  close(): Promise<void> {
    return this.link.onApplicationShutdown();
  }
}

/**
 * The most accepted requests that lie with certainty in one window: asked for after its start and
 * answered before its end, so that they were counted inside it.
 */
export function mostInOneWindow(all: readonly Timed[], windowMs: number): number {
  const accepted = all
    .filter(({ decision }) => decision.outcome === 'allowed')
    .sort((a, b) => a.askedAtMs - b.askedAtMs);
  let most = 0;
  accepted.forEach(({ askedAtMs: from }, i) => {
    let inside = 0;
    for (let j = i; j < accepted.length; j++) {
      const { askedAtMs, givenAtMs } = accepted[j] as Timed;
      if (askedAtMs > from + windowMs) break;
      if (givenAtMs <= from + windowMs) inside++;
    }
    most = Math.max(most, inside);
  });
  return most;
}

/** Offers requests at a steady rate, spread over the replicas, and collects every decision. */
export async function load(
  replicas: readonly Replica[],
  options: { digest: string; limits: TestLimits; perSecond: number; forMs: number },
): Promise<Timed[]> {
  const decisions: Promise<Timed>[] = [];
  const start = performance.now();
  for (let elapsed = 0; elapsed < options.forMs; elapsed = performance.now() - start) {
    while (decisions.length < (elapsed / 1000) * options.perSecond)
      decisions.push(
        (replicas[decisions.length % replicas.length] as Replica).decide(options.digest, options.limits),
      );
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return Promise.all(decisions);
}

/**
 * Refused requests for which the limit was not used up, looking back one window and one sub-bucket, and
 * as much further as the slowest answer took.
 */
export function refusedInVain(all: readonly Timed[], limit: number, lookBackMs: number): number {
  const accepted = all.filter(({ decision }) => decision.outcome === 'allowed');
  const slowestMs = Math.max(...all.map(({ askedAtMs, givenAtMs }) => givenAtMs - askedAtMs));
  return all.filter(({ askedAtMs, givenAtMs, decision }) => {
    if (decision.outcome !== 'limited') return false;
    const fromMs = askedAtMs - lookBackMs - slowestMs;
    const before = accepted.filter((other) => other.askedAtMs <= givenAtMs && other.givenAtMs >= fromMs);
    return before.length < limit * 0.99 - 1;
  }).length;
}
