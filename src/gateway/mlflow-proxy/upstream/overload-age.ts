import type { Clock } from '../../../platform/clock.js';

const MAX_RETRY_AFTER_SECONDS = 30;

/**
 * How long requests have been refused for want of room. MLflow's client obeys `Retry-After` in place of its own
 * back-off, so a constant second would end its patience after seven.
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
