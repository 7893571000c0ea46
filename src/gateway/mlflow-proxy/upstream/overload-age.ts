import type { Clock } from '../../../platform/clock.js';

const MAX_RETRY_AFTER_SECONDS = 30;

/**
 * How long requests have been refused because there was no room. MLflow's client uses `Retry-After` instead of its own
 * back-off. With a constant of one second it would give up after seven seconds.
 */
export class OverloadAge {
  private sinceMs: number | undefined;

  constructor(private readonly clock: Clock) {}

  /** Notes a refusal and gives its `Retry-After`: the age of the overload in whole seconds, 1 to 30. */
  refuse(): number {
    const nowMs = this.clock.monotonicMs();
    this.sinceMs ??= nowMs;
    return Math.min(MAX_RETRY_AFTER_SECONDS, Math.max(1, Math.ceil((nowMs - this.sinceMs) / 1000)));
  }

  over(): void {
    this.sinceMs = undefined;
  }
}
