import { BreakerPolicy } from '../../../src/gateway/resilience/breaker.policy.js';
import { BulkheadPolicy } from '../../../src/gateway/resilience/bulkhead.policy.js';
import { CachePolicy } from '../../../src/gateway/resilience/cache.policy.js';
import { BreakerOpenError, BulkheadFullError } from '../../../src/gateway/resilience/dependency-error.js';
import { RetryPolicy } from '../../../src/gateway/resilience/retry.policy.js';
import { TimeoutPolicy } from '../../../src/gateway/resilience/timeout.policy.js';
import { KEY, replacing, startAuthSetup, statusOf, type AuthSetup } from './setup.js';

let setup: AuthSetup;
afterEach(() => setup?.close());

it('the retry policy can be replaced', async () => {
  const stubborn: RetryPolicy = {
    async execute(work) {
      for (let left = 4; ; left--)
        try {
          return await work();
        } catch (error) {
          if (left === 0) throw error;
        }
    },
  };
  setup = await startAuthSetup({ createApp: replacing({ token: RetryPolicy, value: stubborn }) });
  setup.auth.override((_request, response) => void response.destroy());
  expect(await statusOf(setup.gateway)).toBe(503);
  expect(setup.auth.requests).toHaveLength(5);
});

it('the cache policy can be replaced', async () => {
  const brief: CachePolicy = {
    freshMs: 1000,
    negativeMs: 500,
    staleWhileRevalidateMs: 0,
    staleIfErrorMs: 2000,
  };
  setup = await startAuthSetup({ createApp: replacing({ token: CachePolicy, value: brief }) });
  setup.auth.know(KEY, { valid: true });
  expect(await statusOf(setup.gateway)).toBe(200);
  setup.clock.advance(999);
  await statusOf(setup.gateway);
  expect(setup.auth.calls).toHaveLength(1);
  setup.clock.advance(1);
  await statusOf(setup.gateway);
  expect(setup.auth.calls).toHaveLength(2);
  setup.auth.override((_request, response) => void response.destroy());
  setup.clock.advance(2999);
  expect(await statusOf(setup.gateway)).toBe(200);
  setup.clock.advance(1);
  expect(await statusOf(setup.gateway)).toBe(503);
});

it('the breaker policy can be replaced', async () => {
  const open: BreakerPolicy = {
    state: 'open',
    execute: async () => {
      throw new BreakerOpenError('always');
    },
  };
  setup = await startAuthSetup({ createApp: replacing({ token: BreakerPolicy, value: open }) });
  setup.auth.know(KEY);
  expect(await statusOf(setup.gateway)).toBe(503);
  expect(setup.auth.requests).toEqual([]);
});

it('the bulkhead and the deadline can be replaced', async () => {
  const full: BulkheadPolicy = {
    execute: async () => {
      throw new BulkheadFullError('always');
    },
  };
  setup = await startAuthSetup({ createApp: replacing({ token: BulkheadPolicy, value: full }) });
  setup.auth.know(KEY);
  expect(await statusOf(setup.gateway)).toBe(503);
  expect(setup.auth.requests).toEqual([]);
  await setup.close();

  const none: TimeoutPolicy = { execute: (work) => work(AbortSignal.abort()) };
  setup = await startAuthSetup({ createApp: replacing({ token: TimeoutPolicy, value: none }) });
  setup.auth.know(KEY);
  expect(await statusOf(setup.gateway)).toBe(503);
  expect(setup.gateway.logs.of('auth_service_fault')).toMatchObject([{ fault: 'timeout' }]);
});
