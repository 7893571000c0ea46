import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { HOUR_MS } from '../../lib/durations.js';
import { atMost } from '../../lib/at-most.js';
import { SlidingWindow, take } from '../../lib/sliding-window.js';
import { Clock } from '../../platform/clock.js';

const HOUR_SHAPE = { windowMs: HOUR_MS, buckets: 60 };
/** Sessions that one key may begin in an hour, each replica: far more than people and their browsers need. */
const SIGN_INS_PER_HOUR = 100;
const MAX_TRACKED = 100_000;

/**
 * Limits how many sessions begin with one key. A sign-out is remembered until its session would have ended, and as many
 * are remembered as there is room for: without a limit one key could fill that room, and end everybody's session.
 */
@Injectable()
export class SignInLimit {
  private readonly windows = new LRUCache<string, SlidingWindow>(atMost(MAX_TRACKED));

  constructor(private readonly clock: Clock) {}

  /** Counts one sign-in, or says that there were too many. */
  admits(subject: string): boolean {
    const nowMs = this.clock.monotonicMs();
    const window = this.windows.get(subject) ?? this.track(subject);
    return take([window], [SIGN_INS_PER_HOUR], nowMs, 1).granted > 0;
  }

  private track(subject: string): SlidingWindow {
    const window = new SlidingWindow(HOUR_SHAPE);
    this.windows.set(subject, window);
    return window;
  }
}
