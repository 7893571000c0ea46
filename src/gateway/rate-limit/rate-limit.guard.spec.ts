import { keyFacts } from '../../../test/support/lib/key-facts.js';
import type { ExecutionContext } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import { Reflector } from '@nestjs/core';
import { Registry } from 'prom-client';
import { ManualClock } from '../../../test/support/lib/manual-clock.js';
import { ProblemError } from '../../lib/http/problem-error.js';
import { Public } from '../../platform/route-access/public.decorator.js';
import type { KeyFacts } from '../principal/key-facts.js';
import { attachContext, RequestContext } from '../../platform/request/request-context.js';
import { setPrincipal } from '../principal/principal.js';
import { RateLimitConfig } from '../config/rate-limit.config.js';
import { RateLimitMetrics } from './rate-limit.metrics.js';
import { RateLimitGuard } from './rate-limit.guard.js';
import { RatePlan } from './rate-plan.js';
import { RateLimiter } from './rate-limiter.js';

class Routes {
  guarded(): void {}
  @Public('a test')
  open(): void {}
}

const FACTS = keyFacts({ keyId: 'k' });

function setUp(settings: Partial<RateLimitConfig> = {}) {
  const config = Object.assign(new RateLimitConfig(), settings);
  const limiter = new RateLimiter(config, new ManualClock(), new RateLimitMetrics(new Registry()), null);
  const guard = new RateLimitGuard(new Reflector(), limiter, new RatePlan(config));
  return (
    facts: Partial<KeyFacts> | null,
    handler: () => void = Routes.prototype.guarded,
    url = '/mlflow/api/2.0/mlflow/runs/get',
  ) => {
    const request = { method: 'POST', url, headers: {}, socket: {} } as unknown as IncomingMessage;
    attachContext(request, new RequestContext(request, 0, 0));
    if (facts)
      setPrincipal(request, { facts: { ...FACTS, ...facts }, subject: 'key:digest', source: 'bearer' });
    const headers: Record<string, unknown> = {};
    const response = {
      headersSent: false,
      setHeader: (name: string, value: unknown) => (headers[name] = value),
    };
    const context = {
      getClass: () => Routes,
      getHandler: () => handler,
      getArgByIndex: (index: number) => [request, response][index],
    } as unknown as ExecutionContext;
    let outcome: unknown;
    try {
      outcome = guard.canActivate(context);
    } catch (error) {
      outcome = error;
    }
    return { outcome, headers };
  };
}

describe('the rate-limit guard', () => {
  it('answers without a promise and writes all five headers', () => {
    const { outcome, headers } = setUp()({});
    expect(outcome).toBe(true);
    expect(headers).toEqual({
      'ratelimit-policy': '"hour";q=60000;w=3600, "burst";q=1000;w=10',
      ratelimit: '"hour";r=59999;t=3630, "burst";r=999;t=11',
      'x-ratelimit-limit': '1000',
      'x-ratelimit-remaining': '999',
      'x-ratelimit-reset': String(Date.UTC(2026, 0, 1) / 1000 + 11),
    });
  });

  it('refuses with 429, Retry-After in whole seconds, the same headers, and the reason for the log', () => {
    const ask = setUp();
    ask({ ratePerHour: 50, burst: 1 });
    const { outcome, headers } = ask({ ratePerHour: 50, burst: 1 });
    expect(outcome).toBeInstanceOf(ProblemError);
    expect(outcome).toMatchObject({
      problem: 'rate-limited',
      headers: { 'retry-after': '11' },
      reason: 'burst_limit',
    });
    expect(headers).toMatchObject({ 'x-ratelimit-remaining': '0', 'x-ratelimit-limit': '1' });
  });

  it("takes each limit from the key's facts, and from the configuration where they are silent", () => {
    const ask = setUp({ perHour: 7, burst: 5 });
    expect(ask({}).headers['ratelimit-policy']).toBe('"hour";q=7;w=3600, "burst";q=5;w=10');
    expect(ask({ ratePerHour: 9 }).headers['ratelimit-policy']).toBe('"hour";q=9;w=3600, "burst";q=5;w=10');
    expect(ask({ burst: 6 }).headers['ratelimit-policy']).toBe('"hour";q=7;w=3600, "burst";q=6;w=10');
  });

  it('counts searches and writes in budgets of their own, where the configuration has any', () => {
    const ask = setUp({ searchesPerMinute: 2 });
    const search = () => ask({}, Routes.prototype.guarded, '/mlflow/api/2.0/mlflow/runs/search');
    const write = () => ask({}, Routes.prototype.guarded, '/mlflow/api/2.0/mlflow/runs/create');
    expect(search().headers['ratelimit']).toBe(
      '"hour";r=59999;t=3630, "burst";r=999;t=11, "searches";r=1;t=61',
    );
    expect(write().headers['ratelimit-policy']).toBe('"hour";q=60000;w=3600, "burst";q=1000;w=10');
    search();
    const { outcome, headers } = search();
    expect(outcome).toMatchObject({ problem: 'rate-limited', reason: 'searches_limit' });
    expect(headers).toMatchObject({ ratelimit: expect.stringContaining('"searches";r=0;') });
    expect(write().headers['ratelimit']).toMatch(/^"hour";r=59996;/);
  });

  it('leaves public routes alone, and closes a guarded one that has no principal', () => {
    const ask = setUp();
    expect(ask(null, Routes.prototype.open)).toEqual({ outcome: true, headers: {} });
    expect(ask(null).outcome).toMatchObject({ problem: 'internal-error' });
  });
});
