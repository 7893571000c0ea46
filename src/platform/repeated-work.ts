/** Work that a program repeats until it shuts down, one run at a time. */
export class RepeatedWork<Result = void> {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<Result> | undefined;
  private next: Promise<Result> | undefined;
  private stopped = false;

  /** @param work must handle its own failures, because nobody awaits a run that the timer starts */
  constructor(private readonly work: () => Promise<Result>) {}

  /** Runs now, and then at this interval unless a run is under way; the timer does not keep the process alive. */
  start(everyMs: number): void {
    this.timer = setInterval(() => void (this.running ?? this.begin()), everyMs).unref();
    void this.begin();
  }

  /**
   * A run that begins after this call. A run under way may have read data before the caller changed it, so callers
   * that come meanwhile share the next run.
   */
  run(): Promise<Result> {
    if (!this.running) return this.begin();
    const begin = (): Promise<Result> => {
      this.next = undefined;
      return this.begin();
    };
    this.next ??= this.running.then(begin, begin);
    return this.next;
  }

  /** Whether the program is shutting down: work in many steps ends early. */
  get stopping(): boolean {
    return this.stopped;
  }

  /** The timer starts no more runs; resolves when those that were asked for have ended. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await (this.next ?? this.running);
  }

  private begin(): Promise<Result> {
    this.running = this.work().finally(() => (this.running = undefined));
    return this.running;
  }
}
