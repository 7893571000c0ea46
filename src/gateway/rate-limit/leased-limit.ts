import type { WindowShape } from '../../lib/sliding-window.js';
import { RedisUnavailableError } from '../../platform/redis/redis-unavailable.error.js';
import type { Budget } from './budget.js';
import type { Standing } from './decision.js';
import type { BudgetSet, RequestLimits } from './request-limits.js';
import type { SharedTaken, SharedWindow, SharedWindows } from '../windows/window-store.js';

/** Share of a limit that one replica may reserve ahead of use: twenty replicas together reserve 1 %. */
const LEASE_DIVISOR = 2000;
const MAX_LEASE = 1000;
/** Deadlines after which a script does not count any more: its caller has long given up. */
const COUNTING_DEADLINES = 5;

/** The shared count's decision on one request. */
export interface SharedVerdict {
  readonly granted: boolean;
  /** Of each budget, in the order of the limits. */
  readonly standings: Standing[];
  /** The Redis server's wall clock, ms; undefined before its first answer. */
  readonly serverMs: number | undefined;
}

/** What this replica by itself knows of a key. All its leased limits share it, one for each set of budgets. */
export interface OwnShare {
  /** Requests that it would accept now, not counting those that a call to Redis asks for. */
  unreserved(limits: RequestLimits, nowMs: number): number;
  /** Holds slots back while a call asks for them; negative to give them free. */
  reserve(limits: RequestLimits, slots: number): void;
  /** Leased limits of this key that share the count, at least 1: together they hold one share ahead of use. */
  readonly sharers: number;
}

interface Waiter {
  resolve: (verdict: SharedVerdict) => void;
  reject: (error: unknown) => void;
}

/**
 * One replica's share in the shared count of one key, for requests of one set of budgets. At most one call to Redis is
 * under way; requests that arrive in the meantime go together in the next one. If the limit is large, a call reserves a
 * few slots more than needed: the lease, which answers later requests without Redis. A lease ends with the sub-bucket
 * that it was counted in, so that its requests are counted at the right time. What is left of it goes back with the
 * next call (docs/decisions/0003-leased-limits.md).
 */
export class LeasedLimit {
  private waiters: Waiter[] = [];
  private calling = false;
  /** Slots used in the current sub-bucket of the finest window, and in the one before it. */
  private used = 0;
  private usedBefore = 0;
  /** Slots of the lease that are not used yet. */
  private left = 0;
  private leaseEndsAtMs = 0;
  private deniedUntilMs = 0;
  private sentAtMs = 0;
  private last: SharedTaken | undefined;
  /** Monotonic time at which `last` arrived. */
  private lastAtMs = 0;
  private limits: RequestLimits | undefined;
  /** Slots that its own call under way asks for. */
  private reserved = 0;
  /** Length of the finest window's sub-buckets. */
  private readonly bucketMs: number;

  /**
   * @param names of the shared windows, one for each budget
   * @param own what this replica knows; never more than it has room for is asked
   */
  constructor(
    private readonly store: SharedWindows,
    private readonly set: BudgetSet,
    private readonly names: readonly string[],
    private readonly monotonicMs: () => number,
    private readonly own: OwnShare,
  ) {
    const { windowMs, buckets } = this.shapeOf(set.finest);
    this.bucketMs = windowMs / buckets;
  }

  /**
   * A verdict at once where the lease or a refusal still holds, else a promise of one.
   *
   * @throws RedisUnavailableError by the promise
   */
  decide(limits: RequestLimits, nowMs: number): SharedVerdict | Promise<SharedVerdict> {
    if (!limits.equals(this.limits)) this.deniedUntilMs = this.leaseEndsAtMs = 0;
    this.limits = limits;
    // What this replica has accepted is a part of what all replicas have. If that alone is over the limit, Redis need
    // not be asked.
    if (this.ownRoom(limits, nowMs) <= 0) return this.verdict(limits, false, nowMs);
    if (this.left > 0 && nowMs < this.leaseEndsAtMs) {
      this.use();
      return this.verdict(limits, true, nowMs);
    }
    if (nowMs < this.deniedUntilMs) return this.verdict(limits, false, nowMs);
    return new Promise((resolve, reject) => {
      this.waiters.push({ resolve, reject });
      if (!this.calling) void this.callWhileAsked();
    });
  }

  private use(): void {
    this.left--;
    this.used++;
  }

  private ownRoom(limits: RequestLimits, nowMs: number): number {
    return this.own.unreserved(limits, nowMs) + this.reserved;
  }

  private async callWhileAsked(): Promise<void> {
    this.calling = true;
    while (this.waiters.length > 0) {
      const batch = this.waiters;
      this.waiters = [];
      const nowMs = this.monotonicMs();
      // Those of the latest request, as the auth service has them now.
      const limits = this.limits as RequestLimits;
      const room = this.ownRoom(limits, nowMs);
      if (room <= 0) {
        for (const { resolve } of batch) resolve(this.verdict(limits, false, nowMs));
        continue;
      }
      const want = Math.min(batch.length + this.leaseSize(limits), room);
      this.reserve(limits, want);
      try {
        const taken = await this.call(limits, want);
        this.answer(batch, limits, taken.granted);
      } catch (error) {
        this.left = 0;
        for (const { reject } of batch) reject(error);
      }
      // Requests that were answered are counted before the room is checked again.
      await Promise.resolve();
      this.reserve(limits, -want);
    }
    this.calling = false;
  }

  private reserve(limits: RequestLimits, slots: number): void {
    this.reserved += slots;
    this.own.reserve(limits, slots);
  }

  private answer(batch: readonly Waiter[], limits: RequestLimits, granted: number): void {
    const nowMs = this.monotonicMs();
    this.left = granted;
    for (const { resolve } of batch) {
      const accepted = this.left > 0;
      if (accepted) this.use();
      resolve(this.verdict(limits, accepted, nowMs));
    }
    if (granted >= batch.length) return;
    const wait = Math.max(
      ...this.standings(limits, nowMs).map(({ remaining, resetMs }) => (remaining === 0 ? resetMs : 0)),
    );
    this.deniedUntilMs = this.sentAtMs + Math.min(wait, this.bucketMs);
  }

  private async call(limits: RequestLimits, want: number): Promise<SharedTaken> {
    const refund = this.left > 0 && this.last ? { slots: this.left, buckets: this.last.buckets } : undefined;
    this.left = 0;
    const first = await this.callOnce(limits, want, refund);
    // The server's clock was set forward: try again now that its time is known.
    const taken = first.granted < 0 ? await this.callOnce(limits, want, refund) : first;
    if (taken.granted < 0)
      throw new RedisUnavailableError('Redis rate_limit: the answer was too late to count');
    return taken;
  }

  private async callOnce(
    limits: RequestLimits,
    want: number,
    refund: { slots: number; buckets: number[] } | undefined,
  ): Promise<SharedTaken> {
    const sentAtMs = (this.sentAtMs = this.monotonicMs());
    const latestMs = this.last
      ? this.last.serverMs + (sentAtMs - this.lastAtMs) + this.store.timeoutMs * COUNTING_DEADLINES
      : 0;
    const taken = await this.store.take(this.windows(limits), { want, refund, latestMs });
    this.enter(taken);
    // The time of arrival, which is after the server's: deadlines and leases then end early, never late.
    this.lastAtMs = this.monotonicMs();
    // Counted from the time of sending, which is before the script ran, so that the lease never lasts longer than its
    // bucket.
    this.leaseEndsAtMs = sentAtMs + this.bucketsEndMs(taken) - taken.serverMs;
    return taken;
  }

  /** Slots to reserve ahead: a quarter of what a bucket lately took, at most 1/2000 of the limit. */
  private leaseSize(limits: RequestLimits): number {
    if (this.monotonicMs() > this.leaseEndsAtMs + this.bucketMs) return 0;
    const most = Math.floor(limits.smallest / (LEASE_DIVISOR * this.own.sharers));
    return Math.min(MAX_LEASE, most, Math.max(this.used, this.usedBefore) >> 2);
  }

  /** Notes where the last call counted, and begins a new tally with a new bucket. */
  private enter(taken: SharedTaken): void {
    const { finest } = this.set;
    const bucket = taken.buckets[finest] ?? 0;
    const before = this.last?.buckets[finest] ?? 0;
    if (bucket !== before) {
      this.usedBefore = bucket === before + 1 ? this.used : 0;
      this.used = 0;
    }
    this.last = taken;
  }

  private shapeOf(i: number): WindowShape {
    return (this.set.budgets[i] as Budget).shape;
  }

  private windows({ values }: RequestLimits): SharedWindow[] {
    return this.names.map((name, i) => ({ name, shape: this.shapeOf(i), limit: values[i] as number }));
  }

  private bucketsEndMs({ buckets }: SharedTaken): number {
    const ends = buckets.map((bucket, i) => {
      const { windowMs, buckets: parts } = this.shapeOf(i);
      return (bucket + 1) * (windowMs / parts);
    });
    return Math.min(...ends);
  }

  private verdict(limits: RequestLimits, granted: boolean, nowMs: number): SharedVerdict {
    const serverMs = this.last && this.last.serverMs + nowMs - this.lastAtMs;
    return { granted, standings: this.standings(limits, nowMs), serverMs };
  }

  private standings({ values }: RequestLimits, nowMs: number): Standing[] {
    const { last, left } = this;
    const agoMs = nowMs - this.lastAtMs;
    const standings = new Array<Standing>(values.length);
    for (let i = 0; i < values.length; i++)
      standings[i] = {
        limit: values[i] as number,
        remaining: (last?.remaining[i] ?? 0) + left,
        resetMs: Math.max(0, (last?.resetMs[i] ?? 0) - agoMs),
      };
    return standings;
  }
}
