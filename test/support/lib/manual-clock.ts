import { Clock } from '../../../src/platform/clock.js';

/** A clock that stands still until a test moves it. */
export class ManualClock extends Clock {
  /** Milliseconds since the start. */
  elapsedMs = 0;

  /** @param startMs wall clock at the start, milliseconds since the Unix epoch */
  constructor(private readonly startMs = Date.UTC(2026, 0, 1)) {
    super();
  }

  override now(): number {
    return this.startMs + this.elapsedMs;
  }

  override monotonicMs(): number {
    return this.elapsedMs;
  }

  advance(ms: number): void {
    this.elapsedMs += ms;
  }
}
