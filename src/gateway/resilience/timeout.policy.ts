import { timeout, TimeoutStrategy } from 'cockatiel';
import type { AuthConfig } from '../config/auth.config.js';

/** Gives every attempt a deadline. */
export interface TimeoutPolicy {
  /** @param work must end soon after its signal aborts */
  execute<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T>;
}

/** Token; a test or an extension provides its own. */
export const TimeoutPolicy = Symbol('TimeoutPolicy');

/** The default: `AUTH_TIMEOUT_MS` (2000) from the start of the attempt to the end of its answer. */
export function timeoutPolicy(config: Pick<AuthConfig, 'timeoutMs'>): TimeoutPolicy {
  const policy = timeout(config.timeoutMs, TimeoutStrategy.Cooperative);
  return { execute: (work) => policy.execute(({ signal }) => work(signal)) };
}
