/** How many may be at something at once; the others wait in order, as many as there may be. */
export class Turns {
  private active = 0;
  private readonly waiting = new Set<() => void>();

  constructor(
    private readonly maxActive: number,
    private readonly maxWaiting: number,
  ) {}

  /**
   * @param signal ends the wait
   * @returns to be called once, when it is over
   */
  enter(signal: AbortSignal): Promise<() => void> {
    if (this.active < this.maxActive) {
      this.active += 1;
      return Promise.resolve(this.leave);
    }
    if (this.waiting.size >= this.maxWaiting) return Promise.reject(new Error('too many wait'));
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        this.waiting.delete(start);
        reject(new Error('no turn in time'));
      };
      const start = (): void => {
        signal.removeEventListener('abort', stop);
        resolve(this.leave);
      };
      this.waiting.add(start);
      signal.addEventListener('abort', stop, { once: true });
    });
  }

  private readonly leave = (): void => {
    const [next] = this.waiting;
    if (next === undefined) this.active -= 1;
    else {
      this.waiting.delete(next);
      next();
    }
  };
}
