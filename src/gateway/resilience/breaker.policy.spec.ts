import { jest } from '@jest/globals';
import { AuthServiceError, type AuthFault } from '../auth/auth-service/auth-service.error.js';
import { breakerPolicy, type BreakerPolicy } from './breaker.policy.js';
import { BreakerOpenError } from './dependency-error.js';

let breaker: BreakerPolicy;
let calls: number;
beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
  breaker = breakerPolicy({ breakerFailures: 3, breakerResetSeconds: 5 });
  calls = 0;
});
afterEach(() => jest.useRealTimers());

async function call(fault?: AuthFault): Promise<unknown> {
  return breaker
    .execute(async () => {
      calls++;
      if (fault) throw new AuthServiceError(fault);
      return 'answer';
    })
    .catch((error: unknown) => error);
}
const later = (ms: number): void => void jest.setSystemTime(Date.now() + ms);

it.each<AuthFault>(['connection', 'timeout', 'server-error', 'malformed', 'oversized'])(
  'opens after so many calls in a row that ended in %s, and then makes none',
  async (fault) => {
    for (let n = 0; n < 3; n++) await call(fault);
    expect(breaker.state).toBe('open');
    expect(await call()).toBeInstanceOf(BreakerOpenError);
    expect(calls).toBe(3);
  },
);

it.each<AuthFault>(['contract', 'throttled', 'redirect'])('is not opened by %s', async (fault) => {
  for (let n = 0; n < 20; n++) await call(fault);
  expect(breaker.state).toBe('closed');
});

it('an answer in between starts the count again, a neutral fault does not', async () => {
  await call('timeout');
  await call('timeout');
  await call();
  await call('timeout');
  await call('timeout');
  expect(breaker.state).toBe('closed');
  await call('throttled');
  await call('timeout');
  expect(breaker.state).toBe('open');
});

it('one call probes when the time is up; the first good answer closes it', async () => {
  for (let n = 0; n < 3; n++) await call('connection');
  later(4_999);
  expect(await call()).toBeInstanceOf(BreakerOpenError);
  later(1);
  expect(await call()).toBe('answer');
  expect(breaker.state).toBe('closed');
});

it.each<AuthFault>(['connection', 'contract'])('a probe that ends in %s opens it again', async (fault) => {
  for (let n = 0; n < 3; n++) await call('connection');
  later(5_000);
  await call(fault);
  expect(breaker.state).toBe('open');
  expect(await call()).toBeInstanceOf(BreakerOpenError);
});

it('of many calls at once one is the probe, and the others fail without a call if it fails', async () => {
  for (let n = 0; n < 3; n++) await call('connection');
  later(5_000);
  const before = calls;
  const errors = await Promise.all(Array.from({ length: 50 }, () => call('connection')));
  expect(calls - before).toBe(1);
  expect(errors.filter((error) => error instanceof BreakerOpenError)).toHaveLength(49);
});
