import type { SlidingWindow } from '../../lib/sliding-window.js';
import type { RequestLimits } from './request-limits.js';

/**
 * What a decision is based on: the shared count, this replica's own count, or the configured behaviour without a
 * store.
 */
export type DecisionStore = 'redis' | 'local' | 'allow' | 'deny';

export type DecisionOutcome = 'allowed' | 'limited' | 'unavailable';

/** How one budget stands after a decision. */
export interface Standing {
  readonly limit: number;
  /** Requests that would be accepted now. */
  readonly remaining: number;
  /** Milliseconds until `remaining` grows. */
  readonly resetMs: number;
}

/** What a replica itself counted in one window. */
export type OwnView = Pick<SlidingWindow, 'total' | 'nextSlotMs'>;

/** What the limiter says about one request. */
export interface Decision {
  readonly outcome: DecisionOutcome;
  readonly store: DecisionStore;
  readonly limits: RequestLimits;
  /** Of each budget, in the order of `limits`. */
  readonly standings: readonly Standing[];
  /** Unix time in ms by the clock that decided: the Redis server's where it is shared. */
  readonly nowMs: number;
}

/** Position of the budget with the least room; on a tie of the one that takes longer. */
export function tightest(standings: readonly Standing[]): number {
  let found = 0;
  for (let i = 1; i < standings.length; i++) {
    const [one, best] = [standings[i] as Standing, standings[found] as Standing];
    const tie = one.remaining === best.remaining;
    if (tie ? one.resetMs > best.resetMs : one.remaining < best.remaining) found = i;
  }
  return found;
}

/** Milliseconds until a refused request would be accepted; at least 1. */
export function retryAfterMs(standings: readonly Standing[]): number {
  return Math.max(1, ...standings.map(({ remaining, resetMs }) => (remaining === 0 ? resetMs : 0)));
}

/** The shared count of a budget, or this replica's own if that is stricter; `remaining` is the smaller one. */
export function stricter(shared: Standing, own: OwnView, nowMs: number): Standing {
  const { limit } = shared;
  const remaining = Math.max(0, limit - own.total);
  if (shared.remaining < remaining) return shared;
  // Worked out only here: most of the time the shared view is the stricter one.
  const ownResetMs = own.nextSlotMs(limit, nowMs);
  const resetMs = shared.remaining > remaining ? ownResetMs : Math.max(shared.resetMs, ownResetMs);
  return { limit, remaining, resetMs };
}
