import { SlidingWindow, type WindowShape } from '../../lib/sliding-window.js';
import { stricter, type Standing } from './decision.js';

/** Limits of one key: requests an hour, and requests in the burst window. */
export interface Limits {
  readonly perHour: number;
  readonly burst: number;
}

/** A slot of the hour is free again half a minute late at most; 123 fields keep the hash compact in Redis. */
const HOUR_BUCKETS = 120;
const BURST_BUCKETS = 40;

export const HOUR_SHAPE: WindowShape = { windowMs: 3_600_000, buckets: HOUR_BUCKETS };

export function burstShape(windowSeconds: number): WindowShape {
  return { windowMs: windowSeconds * 1000, buckets: BURST_BUCKETS };
}

/** What this replica itself accepted for one key: the twin of the shared windows. */
export class OwnWindows {
  private readonly windows: readonly [SlidingWindow, SlidingWindow];

  constructor(burst: WindowShape) {
    this.windows = [new SlidingWindow(HOUR_SHAPE), new SlidingWindow(burst)];
  }

  /** Requests that both policies would accept now; 0 or below where one is used up. */
  room({ perHour, burst }: Limits, nowMs: number): number {
    const [hourWindow, burstWindow] = this.windows;
    hourWindow.advance(nowMs);
    burstWindow.advance(nowMs);
    return Math.min(perHour - hourWindow.total, burst - burstWindow.total);
  }

  hasRoom(limits: Limits, nowMs: number): boolean {
    return this.room(limits, nowMs) > 0;
  }

  /** Counts one accepted request, at the time of the last look. */
  count(): void {
    this.windows[0].count(1);
    this.windows[1].count(1);
  }

  hour({ perHour }: Limits, nowMs: number): Standing {
    return standing(this.windows[0], perHour, nowMs);
  }

  burst({ burst }: Limits, nowMs: number): Standing {
    return standing(this.windows[1], burst, nowMs);
  }

  /** The shared view of the hour, or this replica's own where that is stricter. */
  stricterHour(shared: Standing, { perHour }: Limits, nowMs: number): Standing {
    return stricterOf(shared, this.windows[0], perHour, nowMs);
  }

  stricterBurst(shared: Standing, { burst }: Limits, nowMs: number): Standing {
    return stricterOf(shared, this.windows[1], burst, nowMs);
  }
}

function standing(window: SlidingWindow, limit: number, nowMs: number): Standing {
  return {
    limit,
    remaining: Math.max(0, limit - window.total),
    resetMs: window.nextSlotMs(limit, nowMs),
  };
}

function stricterOf(shared: Standing, own: SlidingWindow, limit: number, nowMs: number): Standing {
  return stricter(shared, Math.max(0, limit - own.total), () => own.nextSlotMs(limit, nowMs));
}
