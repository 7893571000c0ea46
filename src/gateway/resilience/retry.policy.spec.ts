import { AuthServiceError, type AuthFault } from '../auth/auth-service/auth-service.error.js';
import { AuthConfig } from '../config/auth.config.js';
import { RetryBudget } from './retry-budget.js';
import { retryPolicy } from './retry.policy.js';

const config = Object.assign(new AuthConfig(), { retryAttempts: 2 });

async function attempts(fault: AuthFault | undefined, policy = retryPolicy(config)): Promise<number> {
  let count = 0;
  const work = async (): Promise<string> => {
    count++;
    if (fault) throw new AuthServiceError(fault);
    return 'answer';
  };
  await policy.execute(work).catch((error: unknown) => expect(error).toMatchObject({ fault }));
  return count;
}

describe('a call is made', () => {
  it.each<[AuthFault | undefined, number]>([
    [undefined, 1],
    ['connection', 3],
    ['server-error', 3],
    ['timeout', 1],
    ['malformed', 1],
    ['throttled', 1],
    ['contract', 1],
    ['redirect', 1],
  ])('after %s: %d times', async (fault, times) => expect(await attempts(fault)).toBe(times));

  it('once where no repetition is configured', async () =>
    expect(
      await attempts('connection', retryPolicy(Object.assign(new AuthConfig(), { retryAttempts: 0 }))),
    ).toBe(1));
});

it('a call is not repeated after an error that did not come from the service', async () => {
  let count = 0;
  const work = async (): Promise<never> => {
    count++;
    throw new TypeError('a bug');
  };
  await expect(retryPolicy(config).execute(work)).rejects.toThrow(TypeError);
  expect(count).toBe(1);
});

it('repetitions stop with the budget, and calls refill it', async () => {
  const policy = retryPolicy(config, new RetryBudget(0.5, 2));
  expect(await attempts('connection', policy)).toBe(3);
  expect(await attempts('connection', policy)).toBe(1);
  expect(await attempts('connection', policy)).toBe(2);
});

describe('a budget', () => {
  it('starts full, and never saves up more than its most', () => {
    const budget = new RetryBudget(1, 2);
    for (let n = 0; n < 10; n++) budget.deposit();
    expect([budget.withdraw(), budget.withdraw(), budget.withdraw()]).toEqual([true, true, false]);
    budget.deposit();
    expect([budget.withdraw(), budget.withdraw()]).toEqual([true, false]);
  });
});
