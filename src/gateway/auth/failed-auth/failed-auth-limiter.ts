import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { atMost } from '../../../lib/at-most.js';
import { clientNetworks } from '../../../lib/network/client-network.js';
import { MINUTE_SHAPE, SlidingWindow } from '../../../lib/sliding-window.js';
import { Clock } from '../../../platform/clock.js';
import { REDIS_LINK } from '../../../platform/platform.module.js';
import type { RedisLink } from '../../../platform/redis/redis-link.js';
import { RateLimitConfig } from '../../config/rate-limit.config.js';
import { RateLimitMetrics } from '../../rate-limit/rate-limit.metrics.js';
import { KeyedSemaphore } from './keyed-semaphore.js';
import { WindowStore, type SharedWindow } from '../../windows/window-store.js';

/**
 * How much a wider network may be refused, in limits of the narrowest one: the address or its /64, then its /24 or
 * /56, then its /48. Many people share a wider network, and one who has all of it must not have all of its limits.
 */
const SHARES = [1, 4, 16] as const;

interface TrackedNetwork {
  readonly window: SlidingWindow;
  /** Monotonic time until which the shared count is known to be full. */
  blockedUntilMs: number;
}

/** A network around a client, and how many keys of it may be refused in a minute. */
interface LimitedNetwork {
  readonly name: string;
  readonly limit: number;
}

/**
 * Limits refused keys per client address (IPv6 by /64) and, more generously, per network around it. Ask before a key
 * that is not known valid is validated; count only refusals, never missing keys and never outages. As many unknown
 * keys of a network are looked at together as may still be refused, so that many at once do not get past the limit.
 * Without Redis, or while it is unavailable, each replica counts alone; with it, replicas that look at the same moment
 * may each go that far.
 */
@Injectable()
export class FailedAuthLimiter {
  private readonly tracked: LRUCache<string, TrackedNetwork>;
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
    this.tracked = new LRUCache(atMost(config.maxTracked));
    this.store = link && new WindowStore(link);
    metrics.track('addresses', () => this.tracked.size);
  }

  /**
   * Waits until an unknown key of the address may be looked at. Where the answer is 0, `leave` has to be called
   * when it has been.
   *
   * @param signal ends the wait
   * @returns whole seconds until the address may try again, 0 for now; undefined where the signal came first
   */
  async enter(clientIp: string, signal?: AbortSignal): Promise<number | undefined> {
    const entered: string[] = [];
    for (const network of this.networksOf(clientIp)) {
      let seconds = 0;
      const entrance = await this.semaphore.enter(
        network.name,
        async () => {
          // The shared counts of all networks are asked for together, at the first of them.
          seconds = entered.length === 0 ? await this.blockedForSeconds(clientIp) : this.secondsOf(network);
          return seconds > 0 ? 0 : this.roomOf(network);
        },
        signal,
      );
      if (entrance !== 'in') {
        for (const name of entered) this.semaphore.leave(name);
        return entrance === 'gave-up' ? undefined : seconds;
      }
      entered.push(network.name);
    }
    return 0;
  }

  /** Takes effect one turn of the event loop later, when the others that wait for the same result have been counted. */
  leave(clientIp: string): void {
    setImmediate(() => {
      for (const name of clientNetworks(clientIp)) this.semaphore.leave(name);
    });
  }

  /**
   * Whole seconds until the address may try an unknown key again, 0 for at once. Asking counts nothing.
   * A number where it is known here, a promise where the shared count has to be asked.
   */
  blockedForSeconds(clientIp: string): number | Promise<number> {
    const networks = this.networksOf(clientIp);
    for (const network of networks) {
      const seconds = this.secondsOf(network);
      if (seconds > 0) return seconds;
    }
    return this.store?.usable ? this.askShared(this.store, networks) : 0;
  }

  /** Counts one refused key; never waits and never throws. */
  countRefusal(clientIp: string): void {
    const networks = this.networksOf(clientIp);
    const nowMs = this.clock.monotonicMs();
    for (const { name, limit } of networks) {
      const { window } = this.tracked.get(name) ?? this.track(name);
      window.advance(nowMs);
      if (window.room(limit) > 0) window.count(1);
    }
    this.metrics.failedAuthEvent('counted');
    // A lost count is this replica's own still; the link counts and reports the failure.
    if (this.store?.usable) this.store.take(sharedWindows(networks), { want: 1 }).catch(() => undefined);
  }

  private networksOf(clientIp: string): LimitedNetwork[] {
    return clientNetworks(clientIp).map((name, index) => ({
      name,
      limit: this.limit * (SHARES[index] as number),
    }));
  }

  /** At least 1: a full window is reported by `secondsOf`. */
  private roomOf({ name, limit }: LimitedNetwork): number {
    return Math.max(1, limit - (this.tracked.get(name)?.window.total ?? 0));
  }

  private secondsOf({ name, limit }: LimitedNetwork): number {
    const tracked = this.tracked.get(name);
    if (!tracked) return 0;
    const nowMs = this.clock.monotonicMs();
    tracked.window.advance(nowMs);
    const ownMs = tracked.window.room(limit) > 0 ? 0 : tracked.window.nextSlotMs(limit, nowMs);
    const waitMs = Math.max(ownMs, tracked.blockedUntilMs - nowMs);
    return waitMs > 0 ? this.answer(waitMs) : 0;
  }

  private async askShared(store: WindowStore, networks: readonly LimitedNetwork[]): Promise<number> {
    const nowMs = this.clock.monotonicMs();
    try {
      const { remaining, resetMs } = await store.take(sharedWindows(networks), { want: 0 });
      const index = remaining.indexOf(0);
      if (index === -1) return 0;
      const { name } = networks[index] as LimitedNetwork;
      const waitMs = resetMs[index] ?? 0;
      (this.tracked.get(name) ?? this.track(name)).blockedUntilMs = nowMs + waitMs;
      return this.answer(waitMs);
    } catch {
      return 0;
    }
  }

  private answer(waitMs: number): number {
    this.metrics.failedAuthEvent('blocked');
    return Math.max(1, Math.ceil(waitMs / 1000));
  }

  private track(name: string): TrackedNetwork {
    const tracked: TrackedNetwork = { window: new SlidingWindow(MINUTE_SHAPE), blockedUntilMs: 0 };
    this.tracked.set(name, tracked);
    return tracked;
  }
}

/** Under one hash tag, the widest network's: they are counted in one step, also in a cluster. */
function sharedWindows(networks: readonly LimitedNetwork[]): SharedWindow[] {
  const tag = `mlflow-gateway:failed-auth:{${networks.at(-1)?.name}}`;
  return networks.map(({ name, limit }) => ({ name: `${tag}:${name}`, shape: MINUTE_SHAPE, limit }));
}
