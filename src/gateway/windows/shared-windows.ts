import type { Refund, WindowShape } from '../../lib/sliding-window.js';

/** One window in Redis and its limit. */
export interface SharedWindow {
  /** Names of windows that are taken from together share a `{hash tag}`. */
  readonly name: string;
  readonly shape: WindowShape;
  readonly limit: number;
}

export interface SharedTake {
  readonly want: number;
  readonly refund?: Refund | undefined;
  /** Server time in ms after which the script must not count any more; 0 for none. */
  readonly latestMs?: number;
}

/** The script's answer. */
export interface SharedTaken {
  /** -1: the script ran after `latestMs` and did nothing. */
  readonly granted: number;
  /** The Redis server's wall clock, ms with a fraction. */
  readonly serverMs: number;
  readonly remaining: number[];
  readonly resetMs: number[];
  readonly buckets: number[];
}

/** The windows that all replicas share. */
export interface SharedWindows {
  /** Deadline of a call, ms. */
  readonly timeoutMs: number;
  /** @throws RedisUnavailableError */
  take(windows: readonly SharedWindow[], options: SharedTake): Promise<SharedTaken>;
}
