/** Work that a program repeats until it shuts down, one run at a time. */
export class RepeatedWork<Result = void> {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<Result> | undefined;
  private next: Promise<Result> | undefined;
  private stopped = false;

  /** @param work must handle its own failures: a run that the timer starts has nobody to reject to */
  constructor(private readonly work: () => Promise<Result>) {}

  /** Runs now, and then at this interval unless a run is under way; the timer does not keep the process alive. */
  start(everyMs: number): void {
    this.timer = setInterval(() => void (this.running ?? this.begin()), everyMs).unref();
    void this.begin();
  }

  /**
   * A run that begins after this call. One that is under way may have looked already at what the caller has changed since,
   * so those who ask meanwhile share the one after it.
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
