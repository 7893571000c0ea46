/** One attempt as it ended, for the caller's own log; it holds neither query nor headers nor bodies. */
export interface AttemptEvent {
  readonly method: string;
  readonly path: string;
  /** From 1. */
  readonly attempt: number;
  readonly durationMs: number;
  /** Absent where there was no answer. */
  readonly status?: number;
  /** Name of the error class, where it failed. */
  readonly error?: string;
  /** Wait before the next attempt; absent where this was the last. */
  readonly retryInMs?: number;
}

/** A listener that fails, at once or later, does not affect the request. */
export function tell(listener: (event: AttemptEvent) => unknown, event: AttemptEvent): void {
  try {
    Promise.resolve(listener(event)).catch(() => undefined);
  } catch {
    // The same.
  }
}
