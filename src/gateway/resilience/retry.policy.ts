import { ExponentialBackoff, handleWhen, retry } from 'cockatiel';
import type { AuthConfig } from '../config/auth.config.js';
import { DependencyError } from './dependency-error.js';
import { RetryBudget } from './retry-budget.js';

/** Repeats a failed call where that may help. */
export interface RetryPolicy {
  /** @throws what the last attempt threw */
  execute<T>(work: () => Promise<T>): Promise<T>;
}

/** Token; a test or an extension provides its own. */
export const RetryPolicy = Symbol('RetryPolicy');

const FIRST_DELAY_MS = 50;
const LONGEST_DELAY_MS = 1000;

/**
 * The default: `AUTH_RETRY_ATTEMPTS` repetitions (2) with jittered exponential back-off from 50 ms, within a budget of
 * one repetition in five calls, so that retries never multiply the load of a service in trouble. A call that timed out
 * is not repeated: the caller would not wait for it.
 *
 * @param note called for every repetition, and for every one that the budget did not allow
 */
export function retryPolicy(
  config: AuthConfig,
  budget = new RetryBudget(),
  note: (result: 'repeated' | 'over_budget') => void = () => undefined,
): RetryPolicy {
  const backoff = new ExponentialBackoff({ initialDelay: FIRST_DELAY_MS, maxDelay: LONGEST_DELAY_MS });
  return {
    execute(work) {
      budget.deposit();
      let left = config.retryAttempts;
      const mayRepeat = (error: unknown): boolean => {
        if (!(error instanceof DependencyError && error.retryable && left-- > 0)) return false;
        const allowed = budget.withdraw();
        note(allowed ? 'repeated' : 'over_budget');
        return allowed;
      };
      return retry(handleWhen(mayRepeat), { maxAttempts: config.retryAttempts, backoff }).execute(() =>
        work(),
      );
    },
  };
}
