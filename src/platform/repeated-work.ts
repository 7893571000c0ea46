/** Work that a program repeats until it shuts down, one run at a time. */
export class RepeatedWork<Result = void> {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<Result> | undefined;
  private stopped = false;

  /** @param work must handle its own failures: a run that the timer starts has nobody to reject to */
  constructor(private readonly work: () => Promise<Result>) {}

  /** Runs now, and then at this interval; the timer does not keep the process alive. */
  start(everyMs: number): void {
    this.timer = setInterval(() => void this.run(), everyMs).unref();
    void this.run();
  }

  /** A new run, or the one under way. */
  run(): Promise<Result> {
    this.running ??= this.work().finally(() => (this.running = undefined));
    return this.running;
  }

  /** Whether the program is shutting down: work in many steps ends early. */
  get stopping(): boolean {
    return this.stopped;
  }

  /** Starts no more runs, and resolves when the one under way has ended. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await this.running;
  }
}
