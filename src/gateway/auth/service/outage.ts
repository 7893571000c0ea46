/** How long without a failure makes the next one a new outage, for nothing probes the service meanwhile. */
const QUIET_MS = 60_000;
const MOST_SECONDS = 30;

/** How long an auth service has been without a verdict. */
export class Outage {
  private sinceMs: number | undefined = undefined;
  private lastMs = 0;

  /** @param nowMs monotonic */
  failed(nowMs: number): void {
    if (this.sinceMs === undefined || nowMs - this.lastMs > QUIET_MS) this.sinceMs = nowMs;
    this.lastMs = nowMs;
  }

  /** @returns length of the outage that this ends, milliseconds; undefined where there was none */
  ended(nowMs: number): number | undefined {
    const sinceMs = this.sinceMs;
    this.sinceMs = undefined;
    return sinceMs === undefined ? undefined : nowMs - sinceMs;
  }

  get ongoing(): boolean {
    return this.sinceMs !== undefined;
  }

  /** 0 where there is none. */
  ageSeconds(nowMs: number): number {
    return this.sinceMs === undefined ? 0 : Math.floor((nowMs - this.sinceMs) / 1000);
  }

  /**
   * Whole seconds for `Retry-After`: the age, from 1 to 30. MLflow's client obeys it in place of its own
   * back-off, so it must grow with the outage.
   */
  retryAfterSeconds(nowMs: number): number {
    return Math.min(MOST_SECONDS, Math.max(1, this.ageSeconds(nowMs)));
  }
}
