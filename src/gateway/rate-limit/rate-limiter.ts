import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Clock } from '../../platform/clock.js';
import type { Indication } from '../../platform/observability/health-indicators.js';
import { REDIS_LINK } from '../../platform/platform.module.js';
import type { RedisLink } from '../../platform/redis/redis-link.js';
import { Outage } from '../../lib/outage.js';
import { RateLimitConfig } from '../config/rate-limit.config.js';
import type { Decision, DecisionStore } from './decision.js';
import { burstShape, OwnWindows, type Limits } from './key-limits.js';
import { RateLimitMetrics } from './rate-limit.metrics.js';
import { LeasedLimit, type SharedVerdict } from './leased-limit.js';
import { WindowStore } from '../windows/window-store.js';

interface TrackedKey {
  readonly own: OwnWindows;
  shared: LeasedLimit | undefined;
}

/**
 * Decides how much the owner of a key may do. Shared through Redis where there is one; what this replica
 * accepts is counted here as well, so that its own part of the limit holds through any failure of Redis.
 */
@Injectable()
export class RateLimiter {
  private readonly keys: LRUCache<string, TrackedKey>;
  private readonly store: WindowStore | null;
  private readonly burst;
  /** Time in which Redis decides nothing. */
  private readonly outage = new Outage();
  /** The part of it in which Redis answers all the same. */
  private readonly refusals = new Outage();

  constructor(
    private readonly config: RateLimitConfig,
    private readonly clock: Clock,
    private readonly metrics: RateLimitMetrics,
    @Inject(REDIS_LINK) link: RedisLink | null,
  ) {
    this.keys = new LRUCache({ max: config.maxTracked });
    this.store = link && new WindowStore(link);
    this.burst = burstShape(config.burstWindowSeconds);
    metrics.track('keys', () => this.keys.size);
  }

  /**
   * Decides on one request and counts it where it is accepted. A value where nobody has to be asked.
   *
   * @param digest name of the key, never the key
   */
  decide(digest: string, limits: Limits): Decision | Promise<Decision> {
    const nowMs = this.clock.monotonicMs();
    const key = this.keys.get(digest) ?? this.track(digest);
    if (!this.store) return this.decideHere(key, limits, nowMs, 'local');
    if (!this.store.usable) return this.decideWithoutStore(key, limits, nowMs);
    const shared = (key.shared ??= this.shared(this.store, digest, key.own));
    const verdict = shared.decide(limits, nowMs);
    return verdict instanceof Promise
      ? this.settle(verdict, key, limits, nowMs)
      : this.decideShared(verdict, key, limits, nowMs);
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
    limits: Limits,
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

  private decideShared(verdict: SharedVerdict, key: TrackedKey, limits: Limits, nowMs: number): Decision {
    this.outage.ended(nowMs);
    this.refusals.ended(nowMs);
    const accepted = verdict.granted && key.own.hasRoom(limits, nowMs);
    if (accepted) key.own.count();
    return this.decided({
      outcome: accepted ? 'allowed' : 'limited',
      store: 'redis',
      hour: key.own.stricterHour(verdict.hour, limits, nowMs),
      burst: key.own.stricterBurst(verdict.burst, limits, nowMs),
      nowMs: verdict.serverMs ?? this.clock.now(),
    });
  }

  /** RATE_LIMIT_ON_STORE_ERROR. */
  private decideWithoutStore(key: TrackedKey, limits: Limits, nowMs: number): Decision {
    const { onStoreError } = this.config;
    this.outage.failed(nowMs);
    switch (onStoreError) {
      case 'local':
        return this.decideHere(key, limits, nowMs, 'local');
      case 'allow':
      case 'deny':
        key.own.hasRoom(limits, nowMs);
        return this.decided({
          outcome: onStoreError === 'allow' ? 'allowed' : 'unavailable',
          store: onStoreError,
          hour: key.own.hour(limits, nowMs),
          burst: key.own.burst(limits, nowMs),
          nowMs: this.clock.now(),
        });
      default:
        return onStoreError satisfies never;
    }
  }

  private decideHere(key: TrackedKey, limits: Limits, nowMs: number, store: DecisionStore): Decision {
    const accepted = key.own.hasRoom(limits, nowMs);
    if (accepted) key.own.count();
    return this.decided({
      outcome: accepted ? 'allowed' : 'limited',
      store,
      hour: key.own.hour(limits, nowMs),
      burst: key.own.burst(limits, nowMs),
      nowMs: this.clock.now(),
    });
  }

  private decided(decision: Decision): Decision {
    this.metrics.decided(decision.outcome, decision.store);
    return decision;
  }

  private track(digest: string): TrackedKey {
    const key: TrackedKey = { own: new OwnWindows(this.burst), shared: undefined };
    this.keys.set(digest, key);
    return key;
  }

  private shared(store: WindowStore, digest: string, own: OwnWindows): LeasedLimit {
    // The braces put both windows of a key on one node of a cluster. Replicas that cut the burst window
    // differently, as while a new setting is rolled out, must not share it.
    const burst = `mlflow-gateway:rate:{${digest}}:burst:${this.config.burstWindowSeconds}`;
    const names = { hour: `mlflow-gateway:rate:{${digest}}:hour`, burst: { name: burst, ...this.burst } };
    return new LeasedLimit(
      store,
      names,
      () => this.clock.monotonicMs(),
      (limits, nowMs) => own.room(limits, nowMs),
    );
  }
}
