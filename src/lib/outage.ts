/** An outage also ends after this time without a failure, because without requests nothing else would end it. */
const QUIET_MS = 60_000;
const MOST_SECONDS = 30;

/** How long something that requests need, such as the auth service, has been unavailable. */
export class Outage {
  private sinceMs: number | undefined = undefined;
  private lastMs = 0;

  /** @param nowMs monotonic */
  failed(nowMs: number): void {
    if (!this.ongoing(nowMs)) this.sinceMs = nowMs;
    this.lastMs = nowMs;
  }

  /** @returns length of the outage that this success ends, milliseconds; undefined if there was none */
  ended(nowMs: number): number | undefined {
    const { sinceMs, lastMs } = this;
    const untilMs = this.ongoing(nowMs) ? nowMs : lastMs;
    this.sinceMs = undefined;
    return sinceMs === undefined ? undefined : untilMs - sinceMs;
  }

  ongoing(nowMs: number): boolean {
    return this.sinceMs !== undefined && nowMs - this.lastMs <= QUIET_MS;
  }

  /** 0 if there is none. */
  ageSeconds(nowMs: number): number {
    return this.sinceMs !== undefined && this.ongoing(nowMs) ? Math.floor((nowMs - this.sinceMs) / 1000) : 0;
  }

  /**
   * Whole seconds for `Retry-After`: the age, from 1 to 30. MLflow's client obeys it in place of its own
   * back-off, so it must grow with the outage.
   */
  retryAfterSeconds(nowMs: number): number {
    return Math.min(MOST_SECONDS, Math.max(1, this.ageSeconds(nowMs)));
  }
}
