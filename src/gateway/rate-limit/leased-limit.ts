import { RedisUnavailableError } from '../../platform/redis/redis-link.js';
import type { Standing } from './decision.js';
import { HOUR_SHAPE, type Limits } from './key-limits.js';
import type { SharedTaken, SharedWindow, SharedWindows } from '../windows/window-store.js';

/** Share of a limit that one replica may hold ahead of use: twenty replicas together hold 1 %. */
const LEASE_DIVISOR = 2000;
const MAX_LEASE = 1000;
/** Deadlines after which a script does not count any more: its caller has long given up. */
const COUNTING_DEADLINES = 5;

/** The shared count's word on one request. */
export interface SharedVerdict {
  readonly granted: boolean;
  readonly hour: Standing;
  readonly burst: Standing;
  /** The Redis server's wall clock, ms; undefined before its first answer. */
  readonly serverMs: number | undefined;
}

/** What a key's shared windows are called, and how they are cut. */
export interface SharedNames {
  readonly hour: string;
  readonly burst: { readonly name: string; readonly windowMs: number; readonly buckets: number };
}

interface Waiter {
  resolve: (verdict: SharedVerdict) => void;
  reject: (error: unknown) => void;
}

/**
 * One replica's share in the shared count of one key. At most one call to Redis is under way; requests
 * that arrive meanwhile go together in the next one. Where the limit is large, a call reserves a few
 * slots more than are asked for: the lease, which answers later requests without Redis. It ends with
 * the sub-bucket that it was counted in, so that what it lets through is counted at the right time, and
 * what is left of it goes back with the next call (docs/decisions/0003-leased-limits.md).
 */
export class LeasedLimit {
  private waiters: Waiter[] = [];
  private calling = false;
  /** Slots used in the current sub-bucket of the burst window, and in the one before it. */
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
  private limits: Limits = { perHour: 0, burst: 0 };

  /** @param ownRoom requests that this replica by itself would accept now; never more are asked for */
  constructor(
    private readonly store: SharedWindows,
    private readonly names: SharedNames,
    private readonly monotonicMs: () => number,
    private readonly ownRoom: (limits: Limits, nowMs: number) => number,
  ) {}

  /**
   * A verdict at once where the lease or a refusal still holds, else a promise of one.
   *
   * @throws RedisUnavailableError by the promise
   */
  decide(limits: Limits, nowMs: number): SharedVerdict | Promise<SharedVerdict> {
    if (limits.perHour !== this.limits.perHour || limits.burst !== this.limits.burst) {
      this.limits = limits;
      this.deniedUntilMs = this.leaseEndsAtMs = 0;
    }
    // What this replica alone has accepted is a part of what all have: where that is too much, nobody need be asked.
    if (this.ownRoom(limits, nowMs) <= 0) return this.verdict(false, nowMs);
    if (this.left > 0 && nowMs < this.leaseEndsAtMs) {
      this.use();
      return this.verdict(true, nowMs);
    }
    if (nowMs < this.deniedUntilMs) return this.verdict(false, nowMs);
    return new Promise((resolve, reject) => {
      this.waiters.push({ resolve, reject });
      if (!this.calling) void this.callWhileAsked();
    });
  }

  private use(): void {
    this.left--;
    this.used++;
  }

  private async callWhileAsked(): Promise<void> {
    this.calling = true;
    while (this.waiters.length > 0) {
      const batch = this.waiters;
      this.waiters = [];
      const nowMs = this.monotonicMs();
      const room = this.ownRoom(this.limits, nowMs);
      if (room <= 0) {
        for (const { resolve } of batch) resolve(this.verdict(false, nowMs));
        continue;
      }
      try {
        const taken = await this.call(batch.length, room);
        this.answer(batch, taken.granted);
      } catch (error) {
        this.left = 0;
        for (const { reject } of batch) reject(error);
      }
      // Those that were answered count themselves before the room is looked at again.
      await Promise.resolve();
    }
    this.calling = false;
  }

  private answer(batch: readonly Waiter[], granted: number): void {
    const nowMs = this.monotonicMs();
    this.left = granted;
    for (const { resolve } of batch) {
      const accepted = this.left > 0;
      if (accepted) this.use();
      resolve(this.verdict(accepted, nowMs));
    }
    if (granted >= batch.length) return;
    const burstBucketMs = this.names.burst.windowMs / this.names.burst.buckets;
    const wait = Math.max(
      ...this.standings(nowMs).map(({ remaining, resetMs }) => (remaining === 0 ? resetMs : 0)),
    );
    this.deniedUntilMs = this.sentAtMs + Math.min(wait, burstBucketMs);
  }

  private async call(asked: number, room: number): Promise<SharedTaken> {
    const refund = this.left > 0 && this.last ? { slots: this.left, buckets: this.last.buckets } : undefined;
    this.left = 0;
    const want = Math.min(asked + this.leaseSize(), room);
    const first = await this.callOnce(want, refund);
    // The server's clock was set forward: now that its time is known again, once more.
    const taken = first.granted < 0 ? await this.callOnce(want, refund) : first;
    if (taken.granted < 0)
      throw new RedisUnavailableError('Redis rate_limit: the answer was too late to count');
    return taken;
  }

  private async callOnce(
    want: number,
    refund: { slots: number; buckets: number[] } | undefined,
  ): Promise<SharedTaken> {
    const sentAtMs = (this.sentAtMs = this.monotonicMs());
    const latestMs = this.last
      ? this.last.serverMs + (sentAtMs - this.lastAtMs) + this.store.timeoutMs * COUNTING_DEADLINES
      : 0;
    const taken = await this.store.take(this.windows(), { want, refund, latestMs });
    this.enter(taken);
    // The time of arrival, which is after the server's: deadlines and leases then end early, never late.
    this.lastAtMs = this.monotonicMs();
    // From the time of sending, which is before the script ran: the lease never outlives its bucket.
    this.leaseEndsAtMs = sentAtMs + this.bucketsEndMs(taken) - taken.serverMs;
    return taken;
  }

  /** Slots to reserve ahead: a quarter of what a bucket lately took, at most 1/2000 of the limit. */
  private leaseSize(): number {
    const { windowMs, buckets } = this.names.burst;
    if (this.monotonicMs() > this.leaseEndsAtMs + windowMs / buckets) return 0;
    const most = Math.floor(Math.min(this.limits.perHour, this.limits.burst) / LEASE_DIVISOR);
    return Math.min(MAX_LEASE, most, Math.max(this.used, this.usedBefore) >> 2);
  }

  /** Notes where the last call counted, and begins a new tally with a new bucket. */
  private enter(taken: SharedTaken): void {
    const [, bucket = 0] = taken.buckets;
    const before = this.last?.buckets[1] ?? 0;
    if (bucket !== before) {
      this.usedBefore = bucket === before + 1 ? this.used : 0;
      this.used = 0;
    }
    this.last = taken;
  }

  private windows(): SharedWindow[] {
    const { hour, burst } = this.names;
    return [
      { name: hour, shape: HOUR_SHAPE, limit: this.limits.perHour },
      { name: burst.name, shape: burst, limit: this.limits.burst },
    ];
  }

  private bucketsEndMs({ buckets }: SharedTaken): number {
    const ends = this.windows().map(
      ({ shape }, i) => ((buckets[i] as number) + 1) * (shape.windowMs / shape.buckets),
    );
    return Math.min(...ends);
  }

  private verdict(granted: boolean, nowMs: number): SharedVerdict {
    const hour = this.standing(0, this.limits.perHour, nowMs);
    const burst = this.standing(1, this.limits.burst, nowMs);
    const serverMs = this.last && this.last.serverMs + nowMs - this.lastAtMs;
    return { granted, hour, burst, serverMs };
  }

  private standings(nowMs: number): [Standing, Standing] {
    return [this.standing(0, this.limits.perHour, nowMs), this.standing(1, this.limits.burst, nowMs)];
  }

  private standing(i: number, limit: number, nowMs: number): Standing {
    const remaining = this.last?.remaining[i] ?? 0;
    const resetMs = this.last?.resetMs[i] ?? 0;
    return {
      limit,
      remaining: remaining + this.left,
      resetMs: Math.max(0, resetMs - (nowMs - this.lastAtMs)),
    };
  }
}
