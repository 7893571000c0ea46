import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { atMost } from '../../lib/at-most.js';
import { Clock } from '../../platform/clock.js';
import type { Indication } from '../../platform/observability/health-indicators.js';
import { REDIS_LINK } from '../../platform/platform.module.js';
import type { RedisLink } from '../../platform/redis/redis-link.js';
import { Outage } from '../../lib/outage.js';
import { RateLimitConfig } from '../config/rate-limit.config.js';
import type { Decision, Standing } from './decision.js';
import { LeasedLimit, type OwnShare, type SharedVerdict } from './leased-limit.js';
import { OwnWindows } from './own-windows.js';
import { RateLimitMetrics } from './rate-limit.metrics.js';
import type { RequestLimits } from './request-limits.js';
import { WindowStore } from '../windows/window-store.js';

/** What one key has used, and its share in the counts of all replicas: one for each set of budgets. */
class TrackedKey extends OwnWindows implements OwnShare {
  readonly leased: LeasedLimit[] = [];
  sharers = 0;
}

/**
 * Decides how much the owner of a key may do. With Redis the counts are shared. What this replica accepts is also
 * counted here, so that its own limit holds while Redis fails.
 */
@Injectable()
export class RateLimiter {
  private readonly keys: LRUCache<string, TrackedKey>;
  private readonly store: WindowStore | null;
  /** Redis is unreachable. */
  private readonly outage = new Outage();
  /** Redis is reachable, but refuses this command. */
  private readonly refusals = new Outage();

  constructor(
    private readonly config: RateLimitConfig,
    private readonly clock: Clock,
    private readonly metrics: RateLimitMetrics,
    @Inject(REDIS_LINK) link: RedisLink | null,
  ) {
    this.keys = new LRUCache(atMost(config.maxTracked));
    this.store = link && new WindowStore(link);
    metrics.track('keys', () => this.keys.size);
  }

  /**
   * Decides on one request and counts it where it is accepted. A value if Redis need not be asked.
   *
   * @param digest name of the key, never the key
   */
  decide(digest: string, limits: RequestLimits): Decision | Promise<Decision> {
    const nowMs = this.clock.monotonicMs();
    let key = this.keys.get(digest);
    if (!key) this.keys.set(digest, (key = new TrackedKey()));
    if (!this.store) return this.decideHere(key, limits, nowMs);
    if (!this.store.usable) return this.decideWithoutStore(key, limits, nowMs);
    const leased = key.leased[limits.set.index] ?? this.lease(this.store, digest, key, limits);
    const verdict = leased.decide(limits, nowMs);
    return verdict instanceof Promise
      ? this.settle(verdict, key, limits, nowMs)
      : this.decideShared(verdict, key, limits, nowMs);
  }

  /**
   * How a key stands in its budgets; counts nothing.
   *
   * @returns the shared count where Redis has it, else this replica's own
   */
  async standings(
    digest: string,
    limits: RequestLimits,
  ): Promise<{ standings: Standing[]; store: 'redis' | 'local' }> {
    const own = this.keys.peek(digest) ?? new OwnWindows();
    const nowMs = this.clock.monotonicMs();
    own.room(limits, nowMs);
    if (!this.store?.usable) return { standings: own.standings(limits, nowMs), store: 'local' };
    try {
      const names = storeNames(digest, limits);
      const windows = limits.budgets.map(({ shape }, i) => ({
        name: names[i] as string,
        shape,
        limit: limits.values[i] as number,
      }));
      const { remaining, resetMs } = await this.store.take(windows, { want: 0 });
      const shared = limits.values.map((limit, i) => ({
        limit,
        remaining: remaining[i] ?? 0,
        resetMs: resetMs[i] ?? 0,
      }));
      return { standings: own.stricter(shared, limits, nowMs), store: 'redis' };
    } catch {
      return { standings: own.standings(limits, nowMs), store: 'local' };
    }
  }

  /** For `/health/detailed`: who decides now. */
  indicate(): Indication {
    const usable = this.store?.usable && !this.refusals.ongoing(this.clock.monotonicMs());
    const alone = this.store === null ? 'local' : this.config.onStoreError;
    return {
      status: usable || this.store === null ? 'up' : 'degraded',
      store: usable ? 'redis' : alone,
      tracked_keys: this.keys.size,
    };
  }

  /** Of a decision that is `unavailable`: whole seconds that grow with the outage, 1 to 30. */
  get retryAfterSeconds(): number {
    return this.outage.retryAfterSeconds(this.clock.monotonicMs());
  }

  private async settle(
    verdict: Promise<SharedVerdict>,
    key: TrackedKey,
    limits: RequestLimits,
    askedAtMs: number,
  ): Promise<Decision> {
    try {
      return this.decideShared(await verdict, key, limits, this.clock.monotonicMs());
    } catch {
      this.metrics.storeFailed();
      const nowMs = this.clock.monotonicMs();
      if (this.store?.usable) this.refusals.failed(nowMs);
      return this.decideWithoutStore(key, limits, nowMs);
    } finally {
      this.metrics.waited((this.clock.monotonicMs() - askedAtMs) / 1000);
    }
  }

  private decideShared(
    verdict: SharedVerdict,
    key: TrackedKey,
    limits: RequestLimits,
    nowMs: number,
  ): Decision {
    this.outage.ended(nowMs);
    this.refusals.ended(nowMs);
    const accepted = verdict.granted && key.room(limits, nowMs) > 0;
    if (accepted) key.count(limits);
    return this.decided({
      outcome: accepted ? 'allowed' : 'limited',
      store: 'redis',
      limits,
      standings: key.stricter(verdict.standings, limits, nowMs),
      nowMs: verdict.serverMs ?? this.clock.now(),
    });
  }

  /** RATE_LIMIT_ON_STORE_ERROR. */
  private decideWithoutStore(key: TrackedKey, limits: RequestLimits, nowMs: number): Decision {
    const { onStoreError } = this.config;
    this.outage.failed(nowMs);
    switch (onStoreError) {
      case 'local':
        return this.decideHere(key, limits, nowMs);
      case 'allow':
      case 'deny':
        key.room(limits, nowMs);
        return this.decided({
          outcome: onStoreError === 'allow' ? 'allowed' : 'unavailable',
          store: onStoreError,
          limits,
          standings: key.standings(limits, nowMs),
          nowMs: this.clock.now(),
        });
      default:
        return onStoreError satisfies never;
    }
  }

  private decideHere(key: TrackedKey, limits: RequestLimits, nowMs: number): Decision {
    const accepted = key.room(limits, nowMs) > 0;
    if (accepted) key.count(limits);
    return this.decided({
      outcome: accepted ? 'allowed' : 'limited',
      store: 'local',
      limits,
      standings: key.standings(limits, nowMs),
      nowMs: this.clock.now(),
    });
  }

  private decided(decision: Decision): Decision {
    this.metrics.decided(decision.outcome, decision.store);
    return decision;
  }

  private lease(store: WindowStore, digest: string, key: TrackedKey, { set }: RequestLimits): LeasedLimit {
    const names = storeNames(digest, set);
    const leased = new LeasedLimit(store, set, names, () => this.clock.monotonicMs(), key);
    key.leased[set.index] = leased;
    key.sharers++;
    return leased;
  }
}

/** The braces put all windows of a key on one node of a cluster. */
function storeNames(digest: string, { budgets }: Pick<RequestLimits, 'budgets'>): string[] {
  return budgets.map(({ storeName }) => `mlflow-gateway:rate:{${digest}}:${storeName}`);
}
