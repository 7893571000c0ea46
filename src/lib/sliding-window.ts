import { MINUTE_MS } from './durations.js';

/**
 * A sliding window over sub-buckets that never allows too much: the oldest bucket that the window still touches counts
 * completely. So the count is never less than what was accepted in the last `windowMs`, and a slot is free again at
 * most one bucket late. `window-script.ts` is the same in Redis.
 */
export interface WindowShape {
  /** Length of the window in milliseconds, a multiple of `buckets`. */
  readonly windowMs: number;
  /** Sub-buckets in a window: with more of them a slot is free again sooner. */
  readonly buckets: number;
}

/** A minute, in which a slot is free again one second late at most. */
export const MINUTE_SHAPE: WindowShape = { windowMs: MINUTE_MS, buckets: 60 };

/** Slots that are given back: they were reserved earlier, in the bucket with that number, and not used. */
export interface Refund {
  readonly slots: number;
  /** Number of the bucket in each window, in their order. */
  readonly buckets: readonly number[];
}

export class SlidingWindow {
  readonly bucketMs: number;
  /** Accepted in the window, including all of its oldest bucket. */
  total = 0;
  /** Number of the bucket that counts now: time over `bucketMs`. */
  bucket = 0;
  /** Number of the oldest bucket that is not empty; `bucket` if all are empty. */
  private tail = 0;
  private readonly counts: Uint32Array;

  constructor(private readonly shape: WindowShape) {
    this.bucketMs = shape.windowMs / shape.buckets;
    this.counts = new Uint32Array(shape.buckets + 1);
  }

  /** Moves the window to a time in milliseconds of any clock, always the same one; gives slots back first. */
  advance(nowMs: number, refundSlots = 0, refundBucket = 0): void {
    const { buckets } = this.shape;
    let now = Math.floor(nowMs / this.bucketMs);
    if (this.total === 0) this.tail = now;
    // If the clock went back by more than a window, the counts are of no use: it must be a different clock.
    if (now < this.tail - buckets || now > this.tail + 2 * buckets) this.clear(now);
    if (now < this.tail) now = this.tail;
    this.bucket = now;
    if (refundSlots > 0) this.refund(refundSlots, refundBucket);
    else if (this.tail >= now - buckets) return;
    while (this.tail < now && (this.tail < now - buckets || this.counts[this.tail % (buckets + 1)] === 0)) {
      const index = this.tail % (buckets + 1);
      this.total -= this.counts[index] as number;
      this.counts[index] = 0;
      this.tail++;
      if (this.total === 0) this.tail = now;
    }
  }

  /** Free slots under a limit; zero or less if there are none. */
  room(limit: number): number {
    return limit - this.total;
  }

  /** Counts accepted requests at the time of the last `advance`. */
  count(slots: number): void {
    const index = this.bucket % this.counts.length;
    this.counts[index] = (this.counts[index] as number) + slots;
    this.total += slots;
  }

  /** Milliseconds until the window has more room than now, or has any; 0 where it is empty. */
  nextSlotMs(limit: number, nowMs: number): number {
    if (this.total === 0) return 0;
    const { buckets } = this.shape;
    const needed = Math.max(1, this.total - limit + 1);
    let leaving = 0;
    let bucket = this.tail;
    for (; bucket < this.tail + buckets; bucket++) {
      leaving += this.counts[bucket % (buckets + 1)] as number;
      if (leaving >= needed) break;
    }
    return (bucket + buckets + 1) * this.bucketMs - nowMs;
  }

  private refund(slots: number, bucket: number): void {
    const index = bucket % this.counts.length;
    const held = this.counts[index] as number;
    if (bucket < this.tail || bucket > this.tail + this.shape.buckets || held < slots) return;
    this.counts[index] = held - slots;
    this.total -= slots;
  }

  private clear(now: number): void {
    this.counts.fill(0);
    this.total = 0;
    this.tail = now;
  }
}

/** The result of an attempt on several windows at once. */
export interface Taken {
  readonly granted: number;
  /** Slots left in each window, at least 0. */
  readonly remaining: number[];
  /** Milliseconds until each window has more room. */
  readonly resetMs: number[];
  /** Bucket in which each window counted. */
  readonly buckets: number[];
}

/**
 * Takes up to `want` slots from all windows or from none; `want` 0 looks without counting.
 *
 * @param limits of each window, in their order
 */
export function take(
  windows: readonly SlidingWindow[],
  limits: readonly number[],
  nowMs: number,
  want: number,
  refund?: Refund,
): Taken {
  let granted = want;
  windows.forEach((window, i) => {
    window.advance(nowMs, refund?.slots, refund?.buckets[i]);
    granted = Math.min(granted, window.room(limits[i] as number));
  });
  granted = Math.max(0, granted);
  if (granted > 0) for (const window of windows) window.count(granted);
  return {
    granted,
    remaining: windows.map((window, i) => Math.max(0, window.room(limits[i] as number))),
    resetMs: windows.map((window, i) => window.nextSlotMs(limits[i] as number, nowMs)),
    buckets: windows.map((window) => window.bucket),
  };
}
