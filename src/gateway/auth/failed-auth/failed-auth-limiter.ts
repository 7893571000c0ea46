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
 * Limits of the networks around a client, as multiples of the limit for its address (IPv6: its /64): first the /24 or
 * /56, then the /48. Many people share a larger network, but somebody who owns all of it must not get the limits of
 * all its addresses.
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
 * that is not known valid is validated; count only refusals, never missing keys and never outages. The number of
 * unknown keys of a network that are validated at the same time is limited to the refusals that it has left, so that
 * parallel requests cannot exceed the limit. Without Redis, or while it is unavailable, each replica counts alone.
 * With Redis, replicas that check at the same moment may each use all that is left.
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
   * Waits until an unknown key of the address may be validated. If it returns 0, call `leave` after the validation.
   *
   * @param signal ends the wait
   * @returns whole seconds until the address may try again, 0 for now; undefined if the signal came first
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
   * Whole seconds until the address may try an unknown key again, 0 for at once. Asking counts nothing. A number if
   * this replica knows it, a promise if the shared count must be asked.
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
    // If Redis lost the count, this replica still has its own. The link counts and reports the failure.
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
