import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { clientNetwork } from '../../../lib/client-network.js';
import { SlidingWindow } from '../../../lib/sliding-window.js';
import { Clock } from '../../../platform/clock.js';
import { REDIS_LINK } from '../../../platform/platform.module.js';
import type { RedisLink } from '../../../platform/redis/redis-link.js';
import { RateLimitConfig } from '../../config/rate-limit.config.js';
import { RateLimitMetrics } from '../../rate-limit/rate-limit.metrics.js';
import { KeyedSemaphore } from './keyed-semaphore.js';
import { WindowStore, type SharedWindow } from '../../windows/window-store.js';

/** A slot is free again one second late at most. */
const MINUTE_SHAPE = { windowMs: 60_000, buckets: 60 };

interface TrackedNetwork {
  readonly window: SlidingWindow;
  /** Monotonic time until which the shared count is known to be full. */
  blockedUntilMs: number;
}

/**
 * Limits refused keys per client address, IPv6 by /64. Ask before a key that is not known valid is
 * validated; count only refusals, never missing keys and never outages. As many unknown keys of an address are
 * looked at together as may still be refused, so that many at once do not get past the limit. Without Redis, or
 * while it is away, each replica counts alone; with it, replicas that look at the same moment may each go that far.
 */
@Injectable()
export class FailedAuthLimiter {
  private readonly networks: LRUCache<string, TrackedNetwork>;
  private readonly semaphore = new KeyedSemaphore();
  private readonly store: WindowStore | null;
  private readonly limit: number;

  constructor(
    config: RateLimitConfig,
    private readonly clock: Clock,
    private readonly metrics: RateLimitMetrics,
    @Inject(REDIS_LINK) link: RedisLink | null,
  ) {
    this.limit = config.failedAuthPerMinute;
    this.networks = new LRUCache({ max: config.maxTracked });
    this.store = link && new WindowStore(link);
    metrics.track('addresses', () => this.networks.size);
  }

  /**
   * Waits until an unknown key of the address may be looked at. Where the answer is 0, `leave` has to be called
   * when it has been.
   *
   * @returns whole seconds until the address may try again, 0 for now
   */
  async enter(clientIp: string): Promise<number> {
    let seconds = 0;
    const network = clientNetwork(clientIp);
    const entered = await this.semaphore.enter(network, async () => {
      seconds = await this.blockedForSeconds(clientIp);
      // Not blocked means that there is room for one at least.
      return seconds > 0 ? 0 : Math.max(1, this.limit - (this.networks.get(network)?.window.total ?? 0));
    });
    return entered ? 0 : seconds;
  }

  /** Takes effect a turn later, when those who wait for the same finding have been counted. */
  leave(clientIp: string): void {
    setImmediate(() => this.semaphore.leave(clientNetwork(clientIp)));
  }

  /**
   * Whole seconds until the address may try an unknown key again, 0 for at once. Asking counts nothing.
   * A number where it is known here, a promise where the shared count has to be asked.
   */
  blockedForSeconds(clientIp: string): number | Promise<number> {
    const network = clientNetwork(clientIp);
    const nowMs = this.clock.monotonicMs();
    const here = this.blockedHereMs(this.networks.get(network), nowMs);
    if (here > 0) return this.answer(here);
    return this.store?.usable ? this.askShared(this.store, network, nowMs) : 0;
  }

  /** Counts one refused key; never waits and never throws. */
  countRefusal(clientIp: string): void {
    const network = clientNetwork(clientIp);
    const tracked = this.networks.get(network) ?? this.track(network);
    tracked.window.advance(this.clock.monotonicMs());
    if (tracked.window.room(this.limit) > 0) tracked.window.count(1);
    this.metrics.failedAuthEvent('counted');
    // A lost count is this replica's own still; the link counts and reports the failure.
    if (this.store?.usable) this.store.take([this.shared(network)], { want: 1 }).catch(() => undefined);
  }

  private blockedHereMs(tracked: TrackedNetwork | undefined, nowMs: number): number {
    if (!tracked) return 0;
    tracked.window.advance(nowMs);
    const own = tracked.window.room(this.limit) > 0 ? 0 : tracked.window.nextSlotMs(this.limit, nowMs);
    return Math.max(own, tracked.blockedUntilMs - nowMs);
  }

  private async askShared(store: WindowStore, network: string, nowMs: number): Promise<number> {
    try {
      const { remaining, resetMs } = await store.take([this.shared(network)], { want: 0 });
      if (remaining[0] !== 0) return 0;
      const waitMs = resetMs[0] ?? 0;
      (this.networks.get(network) ?? this.track(network)).blockedUntilMs = nowMs + waitMs;
      return this.answer(waitMs);
    } catch {
      return 0;
    }
  }

  private answer(waitMs: number): number {
    this.metrics.failedAuthEvent('blocked');
    return Math.max(1, Math.ceil(waitMs / 1000));
  }

  private track(network: string): TrackedNetwork {
    const tracked: TrackedNetwork = { window: new SlidingWindow(MINUTE_SHAPE), blockedUntilMs: 0 };
    this.networks.set(network, tracked);
    return tracked;
  }

  private shared(network: string): SharedWindow {
    return { name: `mlflow-gateway:failed-auth:{${network}}`, shape: MINUTE_SHAPE, limit: this.limit };
  }
}
