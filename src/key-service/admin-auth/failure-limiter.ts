import { LRUCache } from 'lru-cache';
import { atMost } from '../../lib/at-most.js';
import { clientNetwork } from '../../lib/network/client-network.js';
import { MINUTE_SHAPE, SlidingWindow } from '../../lib/sliding-window.js';
import type { Clock } from '../../platform/clock.js';

const MAX_NETWORKS = 10_000;

/**
 * Limits failures of a client address in a sliding minute. IPv6 counts by /64, because one host usually has that
 * many addresses. Memory is bounded: the networks that were not seen for longest are forgotten first.
 */
export class FailureLimiter {
  private readonly networks = new LRUCache<string, SlidingWindow>(atMost(MAX_NETWORKS));

  constructor(
    private readonly perMinute: number,
    private readonly clock: Clock,
  ) {}

  /** Whole seconds until the address may fail again; undefined if it may at once. */
  retryAfterSeconds(address: string): number | undefined {
    const nowMs = this.clock.monotonicMs();
    const window = this.networks.get(clientNetwork(address));
    window?.advance(nowMs);
    if (!window || window.room(this.perMinute) > 0) return undefined;
    return Math.max(1, Math.ceil(window.nextSlotMs(this.perMinute, nowMs) / 1000));
  }

  /** Counts a failure, unless the limit is reached: requests over the limit must not extend the wait. */
  failed(address: string): void {
    const network = clientNetwork(address);
    let window = this.networks.get(network);
    if (!window) this.networks.set(network, (window = new SlidingWindow(MINUTE_SHAPE)));
    window.advance(this.clock.monotonicMs());
    if (window.room(this.perMinute) > 0) window.count(1);
  }
}
