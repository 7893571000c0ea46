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

/** The tighter of two views of one policy; `remaining` holds only as far as both agree. */
export function stricter(a: Standing, b: Standing): Standing {
  const remaining = Math.min(a.remaining, b.remaining);
  const resetMs =
    a.remaining === b.remaining
      ? Math.max(a.resetMs, b.resetMs)
      : a.remaining < b.remaining
        ? a.resetMs
        : b.resetMs;
  return { limit: a.limit, remaining, resetMs };
}
