import { Injectable } from '@nestjs/common';
import { widestNetwork } from '../../../lib/network/client-network.js';
import { AuthServiceError } from '../auth-service/auth-service.error.js';
import { FailedAuthLimiter } from './failed-auth-limiter.js';
import { FairQueue } from './fair-queue.js';

/**
 * Calls at the same time about keys that were never seen valid. This is three quarters of the bulkhead. The rest stays
 * free for keys that were valid once and for refreshes, even during a flood of invented keys.
 */
const CALLS = 48;
const MAX_WAITING = 4096;
/** Below the shortest time-out of common clients and balancers (10 s), with a call's own time-out still to come. */
const PATIENCE_MS = 5000;
const RETRY_AFTER_SECONDS = 2;

/** Too many refused keys came from around the address for another unknown one to be looked at. */
export interface Blocked {
  readonly kind: 'blocked';
  readonly retryAfterSeconds: number;
}

/**
 * Every call about a key that was never seen valid passes this gate. Addresses that send refused keys are refused, the
 * number of calls is bounded, networks take turns, and nobody waits longer than a client would.
 */
@Injectable()
export class UnknownKeyGate {
  private readonly queue = new FairQueue(CALLS, MAX_WAITING);

  constructor(private readonly limiter: FailedAuthLimiter) {}

  /** Those that wait for a call. */
  get waiting(): number {
    return this.queue.waiting;
  }

  /**
   * @param signal ends the wait; a test gives its own
   * @throws AuthServiceError `overloaded` after the wait, else what `work` threw
   */
  async run<T>(
    clientIp: string,
    work: () => Promise<T>,
    signal = AbortSignal.timeout(PATIENCE_MS),
  ): Promise<T | Blocked> {
    const seconds = await this.limiter.enter(clientIp, signal);
    if (seconds === undefined) throw waitedTooLong();
    if (seconds > 0) return { kind: 'blocked', retryAfterSeconds: seconds };
    try {
      if (!(await this.queue.enter(widestNetwork(clientIp), signal))) throw waitedTooLong();
      try {
        return await work();
      } finally {
        this.queue.leave();
      }
    } catch (error) {
      if (isTooSlow(error)) this.limiter.countRefusal(clientIp);
      throw error;
    } finally {
      this.limiter.leave(clientIp);
    }
  }
}

/**
 * The service is up, but this key took it too long: a guess that needs a slow hash costs it as much as many refused
 * keys.
 */
function isTooSlow(error: unknown): boolean {
  return (
    error instanceof AuthServiceError &&
    error.ofOneKey &&
    (error.fault === 'timeout' || error.fault === 'key-check')
  );
}

function waitedTooLong(): AuthServiceError {
  return new AuthServiceError('overloaded', 'unknown keys', 'key', RETRY_AFTER_SECONDS);
}
