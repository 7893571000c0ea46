/** Where a decision was taken: the shared count, this replica's own, or nowhere by declaration. */
export type DecisionStore = 'redis' | 'local' | 'allow' | 'deny';

export type DecisionOutcome = 'allowed' | 'limited' | 'unavailable';

/** How one policy stands after a decision. */
export interface Standing {
  readonly limit: number;
  /** Requests that would be accepted now. */
  readonly remaining: number;
  /** Milliseconds until `remaining` grows. */
  readonly resetMs: number;
}

/** What the limiter says about one request. */
export interface Decision {
  readonly outcome: DecisionOutcome;
  readonly store: DecisionStore;
  readonly hour: Standing;
  readonly burst: Standing;
  /** Unix time in ms by the clock that decided: the Redis server's where it is shared. */
  readonly nowMs: number;
}

/** The policy with less room; on a tie the one that takes longer. */
export function tighter(decision: Decision): Standing {
  const { hour, burst } = decision;
  if (hour.remaining !== burst.remaining) return hour.remaining < burst.remaining ? hour : burst;
  return hour.resetMs > burst.resetMs ? hour : burst;
}

/** Milliseconds until a refused request would be accepted; at least 1. */
export function retryAfterMs({ hour, burst }: Decision): number {
  const waits = [hour, burst].filter(({ remaining }) => remaining === 0).map(({ resetMs }) => resetMs);
  return Math.max(1, ...waits);
}

/**
 * The stricter of the shared view of a policy and this replica's own, which is made only where it matters:
 * `remaining` holds as far as both agree.
 */
export function stricter(shared: Standing, ownRemaining: number, ownResetMs: () => number): Standing {
  if (shared.remaining < ownRemaining) return shared;
  const resetMs = shared.remaining > ownRemaining ? ownResetMs() : Math.max(shared.resetMs, ownResetMs());
  return { limit: shared.limit, remaining: ownRemaining, resetMs };
}
