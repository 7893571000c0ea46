/** Longest wait that a timer of any runtime takes, 24.8 days; a longer one would be over at once. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * One abort signal out of the caller's and a time-out. The time-out counts from the last `touch()`, so for a
 * stream it is an idle time-out and for everything else a total one.
 */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #caller: AbortSignal | undefined;
  readonly #timeoutMs: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timedOut = false;

  /** @param timeoutMs 0 for none; never more than `LONGEST_TIMER_MS` */
  constructor(caller: AbortSignal | undefined, timeoutMs: number) {
    this.#caller = caller;
    this.#timeoutMs = Math.min(timeoutMs, LONGEST_TIMER_MS);
    if (caller?.aborted) this.#controller.abort(caller.reason);
    else caller?.addEventListener('abort', this.#onAbort, { once: true });
    this.touch();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get timedOut(): boolean {
    return this.#timedOut;
  }

  /** Starts the time again. */
  touch(): void {
    clearTimeout(this.#timer);
    if (this.#timeoutMs <= 0 || this.signal.aborted) return;
    this.#timer = setTimeout(() => {
      this.#timedOut = true;
      this.#controller.abort();
    }, this.#timeoutMs);
  }

  /** Stops the time until the next `touch()`: the wait is the caller's own. */
  pause(): void {
    clearTimeout(this.#timer);
  }

  /** Lets go of timer and listener; the signal no longer fires. */
  dispose(): void {
    clearTimeout(this.#timer);
    this.#caller?.removeEventListener('abort', this.#onAbort);
  }

  readonly #onAbort = (): void => {
    clearTimeout(this.#timer);
    this.#controller.abort(this.#caller?.reason);
  };
}

/**
 * Resolves after `ms`, at most `LONGEST_TIMER_MS`, or rejects with the signal's reason.
 */
export function delay(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error);
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(
      () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      },
      Math.min(ms, LONGEST_TIMER_MS),
    );
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
