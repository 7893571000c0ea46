import type { Clock } from '../../../platform/clock.js';

/**
 * How far the clock of Redis may be from this machine's. Ages and orders that replicas share are counted by the clock
 * of Redis, so one that stands still or is set back would keep old facts fresh forever.
 */
export const MAX_CLOCK_SKEW_MS = 300_000;

/** Checks times of the Redis server against the clock of this machine. */
export class RedisTime {
  constructor(private readonly clock: Clock) {}

  /** @param redisUs what Redis says the time is now, microseconds */
  believable(redisUs: number): boolean {
    return Number.isSafeInteger(redisUs) && Math.abs(redisUs / 1000 - this.clock.now()) <= MAX_CLOCK_SKEW_MS;
  }

  /** @param redisUs when something is said to have happened, microseconds */
  inFuture(redisUs: number): boolean {
    return redisUs / 1000 > this.clock.now() + MAX_CLOCK_SKEW_MS;
  }

  /** Whether something is so old that nothing depends on it any more. */
  isOver(redisUs: number, lifetimeMs: number): boolean {
    return redisUs / 1000 < this.clock.now() - lifetimeMs - MAX_CLOCK_SKEW_MS;
  }
}
