/** Whether the process starts, serves or stops; readiness and `Connection: close` follow from it. */
export class ServerState {
  private phase: 'starting' | 'serving' | 'draining' | 'cutting' = 'starting';
  /** Requests whose answer has not ended. */
  inFlight = 0;
  /** Requests that were cut because their time at shutdown was over. */
  cut = 0;

  get ready(): boolean {
    return this.phase === 'serving';
  }

  get draining(): boolean {
    return this.phase === 'draining' || this.phase === 'cutting';
  }

  serving(): void {
    this.phase = 'serving';
  }

  drain(): void {
    this.phase = 'draining';
  }

  /** From here on, requests that have not ended are cut. */
  beginCutting(): void {
    this.phase = 'cutting';
  }

  requestBegan(): void {
    this.inFlight++;
  }

  /**
   * @param whole whether all of its answer was handed over
   * @returns whether the shutdown cut it
   */
  requestEnded(whole: boolean): boolean {
    this.inFlight--;
    if (whole || this.phase !== 'cutting') return false;
    this.cut++;
    return true;
  }
}
