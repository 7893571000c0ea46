import { Registry } from 'prom-client';
import { ManualClock } from '../../../test/support/lib/manual-clock.js';
import { requestLimits, standingOf } from '../../../test/support/lib/rate-limits.js';
import { busiestSpan, seededRandom } from '../../../test/support/lib/random.js';
import { RateLimitConfig } from '../config/rate-limit.config.js';
import type { Decision } from './decision.js';
import { RateLimitMetrics } from './rate-limit.metrics.js';
import { RateLimiter } from './rate-limiter.js';

function setUp(settings: Partial<RateLimitConfig> = {}) {
  const clock = new ManualClock();
  const registry = new Registry();
  const config = Object.assign(new RateLimitConfig(), settings);
  const limiter = new RateLimiter(config, clock, new RateLimitMetrics(registry), null);
  const decide = (perHour: number, burst: number, digest = 'digest'): Decision =>
    limiter.decide(digest, requestLimits({ perHour, burst })) as Decision;
  return { clock, registry, limiter, decide };
}

describe('the rate limiter without Redis', () => {
  it.each([1, 2, 3, 4, 5, 6])('never exceeds either limit in any window (seed %i)', (seed) => {
    const next = seededRandom(seed);
    const { clock, decide } = setUp();
    const [perHour, burst] = [200 + Math.floor(next() * 200), 5 + Math.floor(next() * 20)];
    const accepted: number[] = [];
    for (let i = 0; i < 20_000; i++) {
      clock.advance(next() < 0.01 ? next() * 300_000 : next() * 900);
      if (decide(perHour, burst).outcome === 'allowed') accepted.push(clock.monotonicMs());
    }
    expect(busiestSpan(accepted, 10_000)).toBeLessThanOrEqual(burst);
    expect(busiestSpan(accepted, 3_600_000)).toBeLessThanOrEqual(perHour);
    expect(busiestSpan(accepted, 3_600_000)).toBeGreaterThanOrEqual(perHour * 0.97);
  });

  it.each([1, 2, 3])(
    'never exceeds any of four budgets in any window, and counts no refusal (seed %i)',
    (seed) => {
      const next = seededRandom(seed);
      const { clock, limiter } = setUp();
      const [perHour, burst, searches, writes] = [900, 30, 40, 25].map(
        (most) => most + Math.floor(next() * most),
      ) as [number, number, number, number];
      const kinds = {
        reads: requestLimits({ perHour, burst }),
        searches: requestLimits({ perHour, burst, searches }),
        writes: requestLimits({ perHour, burst, writes }),
      };
      const accepted = { reads: [] as number[], searches: [] as number[], writes: [] as number[] };
      for (let i = 0; i < 30_000; i++) {
        clock.advance(next() < 0.01 ? next() * 200_000 : next() * 900);
        const kind = (['reads', 'searches', 'writes'] as const)[Math.floor(next() * 3)] as keyof typeof kinds;
        const { outcome } = limiter.decide('digest', kinds[kind]) as Decision;
        if (outcome === 'allowed') accepted[kind].push(clock.monotonicMs());
      }
      const all = Object.values(accepted)
        .flat()
        .sort((a, b) => a - b);
      expect(busiestSpan(all, 10_000)).toBeLessThanOrEqual(burst);
      expect(busiestSpan(all, 3_600_000)).toBeLessThanOrEqual(perHour);
      expect(busiestSpan(accepted.searches, 60_000)).toBeLessThanOrEqual(searches);
      expect(busiestSpan(accepted.writes, 60_000)).toBeLessThanOrEqual(writes);
      // Were refusals counted, the hour would never be used up like this.
      expect(busiestSpan(all, 3_600_000)).toBeGreaterThanOrEqual(perHour * 0.97);
    },
  );

  it('answers at once, never by a promise', () => {
    const { decide } = setUp();
    expect(decide(10, 10)).not.toBeInstanceOf(Promise);
  });

  it('names the policy that refuses and the time at which the next request passes', () => {
    const { clock, decide } = setUp();
    for (let i = 0; i < 5; i++) decide(1000, 5);
    const refused = decide(1000, 5);
    expect(refused).toMatchObject({ outcome: 'limited', store: 'local' });
    expect(standingOf(refused, 'burst').remaining).toBe(0);
    expect(standingOf(refused, 'hour').remaining).toBe(995);
    clock.advance(standingOf(refused, 'burst').resetMs - 1);
    expect(decide(1000, 5).outcome).toBe('limited');
    clock.advance(1);
    expect(decide(1000, 5)).toMatchObject({ outcome: 'allowed', standings: [{ remaining: 994 }, {}] });
  });

  it('counts every key by itself', () => {
    const { decide } = setUp();
    expect(decide(1, 1, 'a').outcome).toBe('allowed');
    expect(decide(1, 1, 'a').outcome).toBe('limited');
    expect(decide(1, 1, 'b').outcome).toBe('allowed');
  });

  it('follows a limit that was raised or lowered, counting what was used before', () => {
    const { decide } = setUp();
    for (let i = 0; i < 3; i++) decide(100, 3);
    expect(decide(100, 3).outcome).toBe('limited');
    expect(decide(100, 4)).toMatchObject({
      outcome: 'allowed',
      standings: [{}, { limit: 4, remaining: 0 }],
    });
    expect(decide(100, 2).outcome).toBe('limited');
  });

  it('tracks a bounded number of keys, however many come', async () => {
    const { decide, registry } = setUp({ maxTracked: 100 });
    for (let i = 0; i < 10_000; i++) decide(10, 10, `key-${i}`);
    const text = await registry.metrics();
    const [, tracked] = /rate_limit_tracked_entries\{kind="keys"\} (\d+)/.exec(text) ?? [];
    expect(Number(tracked)).toBeGreaterThan(0);
    expect(Number(tracked)).toBeLessThanOrEqual(100);
  });

  it('keeps the limit of each key up to the number it may track', () => {
    const { decide } = setUp({ maxTracked: 60 });
    const accepted = new Map<string, number>();
    for (let round = 0; round < 40; round++)
      for (let i = 0; i < 60; i++) {
        const key = `key-${i}`;
        if (decide(10, 10, key).outcome === 'allowed') accepted.set(key, (accepted.get(key) ?? 0) + 1);
      }
    expect(new Set(accepted.values())).toEqual(new Set([10]));
  });

  it('counts decisions by outcome and store', async () => {
    const { decide, registry } = setUp();
    for (let i = 0; i < 5; i++) decide(100, 3);
    const text = await registry.metrics();
    expect(text).toContain('rate_limit_decisions_total{outcome="allowed",store="local"} 3');
    expect(text).toContain('rate_limit_decisions_total{outcome="limited",store="local"} 2');
  });
});
