import { Registry } from 'prom-client';
import { ManualClock } from '../../../../test/support/lib/manual-clock.js';
import { RateLimitConfig } from '../../config/rate-limit.config.js';
import { FailedAuthLimiter } from './failed-auth-limiter.js';
import { RateLimitMetrics } from '../../rate-limit/rate-limit.metrics.js';

function setUp(settings: Partial<RateLimitConfig> = {}) {
  const clock = new ManualClock();
  const registry = new Registry();
  const config = Object.assign(new RateLimitConfig(), { failedAuthPerMinute: 3 }, settings);
  const limiter = new FailedAuthLimiter(config, clock, new RateLimitMetrics(registry), null);
  return { clock, limiter, registry };
}

describe('the limit of refused keys', () => {
  it('lets an address try until its refusals reach the limit, and again when the oldest is a minute old', () => {
    const { clock, limiter } = setUp();
    for (let i = 0; i < 3; i++) {
      expect(limiter.blockedForSeconds('192.0.2.1')).toBe(0);
      limiter.countRefusal('192.0.2.1');
      clock.advance(1000);
    }
    const seconds = limiter.blockedForSeconds('192.0.2.1') as number;
    expect(seconds).toBeGreaterThanOrEqual(57);
    expect(seconds).toBeLessThanOrEqual(58);
    clock.advance(seconds * 1000);
    expect(limiter.blockedForSeconds('192.0.2.1')).toBe(0);
  });

  it('counts nothing for being asked', () => {
    const { limiter } = setUp();
    for (let i = 0; i < 100; i++) expect(limiter.blockedForSeconds('192.0.2.1')).toBe(0);
  });

  it('does not prolong the wait of an address that goes on', () => {
    const { clock, limiter } = setUp();
    for (let i = 0; i < 3; i++) limiter.countRefusal('192.0.2.1');
    clock.advance(30_000);
    for (let i = 0; i < 50; i++) limiter.countRefusal('192.0.2.1');
    clock.advance(31_000);
    expect(limiter.blockedForSeconds('192.0.2.1')).toBe(0);
  });

  it('counts addresses apart, IPv6 by /64', () => {
    const { limiter } = setUp();
    for (const address of ['2001:db8::1', '2001:db8::2', '2001:db8:0:0:9::3']) limiter.countRefusal(address);
    expect(limiter.blockedForSeconds('2001:db8::ffff')).toBeGreaterThan(0);
    expect(limiter.blockedForSeconds('2001:db8:0:1::1')).toBe(0);
    expect(limiter.blockedForSeconds('192.0.2.1')).toBe(0);
  });

  it('remembers a bounded number of addresses, and only those with refusals', async () => {
    const { limiter, registry } = setUp({ maxTracked: 50 });
    for (let i = 0; i < 1000; i++) void limiter.blockedForSeconds(`198.51.100.${i % 250}`);
    expect(await registry.metrics()).toContain('rate_limit_tracked_entries{kind="addresses"} 0');
    for (let i = 0; i < 5000; i++) limiter.countRefusal(`10.${i >> 8}.${i & 255}.1`);
    const [, tracked] = /kind="addresses"\} (\d+)/.exec(await registry.metrics()) ?? [];
    expect(Number(tracked)).toBeLessThanOrEqual(50);
  });

  it('counts what it counts and what it blocks', async () => {
    const { limiter, registry } = setUp();
    for (let i = 0; i < 3; i++) limiter.countRefusal('192.0.2.1');
    void limiter.blockedForSeconds('192.0.2.1');
    const text = await registry.metrics();
    expect(text).toContain('rate_limit_failed_auth_total{event="counted"} 3');
    expect(text).toContain('rate_limit_failed_auth_total{event="blocked"} 1');
  });
});
