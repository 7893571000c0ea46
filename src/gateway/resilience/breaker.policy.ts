import {
  BrokenCircuitError,
  circuitBreaker,
  CircuitState,
  ConsecutiveBreaker,
  handleWhen,
  IsolatedCircuitError,
} from 'cockatiel';
import type { AuthConfig } from '../config/auth.config.js';
import { BreakerOpenError, DependencyError } from './dependency-error.js';

/** Stops calls to a failing program for a while. */
export interface BreakerPolicy {
  readonly state: 'closed' | 'half-open' | 'open';
  /** @throws BreakerOpenError without calling, else what `work` threw */
  execute<T>(work: () => Promise<T>): Promise<T>;
}

/** Token; a test or an extension provides its own. */
export const BreakerPolicy = Symbol('BreakerPolicy');

/**
 * The default: after `AUTH_BREAKER_FAILURES` (10) unhealthy calls in a row none is made for
 * `AUTH_BREAKER_RESET_SECONDS` (5), then one probes; the others wait for what it says.
 */
export function breakerPolicy(
  config: Pick<AuthConfig, 'breakerFailures' | 'breakerResetSeconds'>,
): BreakerPolicy {
  const breaker = circuitBreaker(
    // Half-open: only an answer closes it. Closed: only failures that say the service is unhealthy count.
    handleWhen(
      (error) =>
        breaker.state === CircuitState.HalfOpen || (error instanceof DependencyError && error.unhealthy),
    ),
    {
      halfOpenAfter: config.breakerResetSeconds * 1000,
      breaker: new ConsecutiveBreaker(config.breakerFailures),
    },
  );
  return {
    get state() {
      switch (breaker.state) {
        case CircuitState.Closed:
          return 'closed';
        case CircuitState.HalfOpen:
          return 'half-open';
        case CircuitState.Open:
        case CircuitState.Isolated:
          return 'open';
      }
    },
    async execute(work) {
      try {
        return await breaker.execute(() => work());
      } catch (error) {
        if (error instanceof BrokenCircuitError || error instanceof IsolatedCircuitError)
          throw new BreakerOpenError('the breaker is open');
        throw error;
      }
    },
  };
}
