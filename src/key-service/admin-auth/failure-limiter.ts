import { LRUCache } from 'lru-cache';
import { clientNetwork } from '../../lib/client-network.js';
import type { Clock } from '../../platform/clock.js';

interface Allowance {
  /** Failures that may still follow. */
  left: number;
  /** Monotonic time of the last change, milliseconds. */
  atMs: number;
}

const MINUTE_MS = 60_000;
const MAX_PEERS = 10_000;

/**
 * How many failures an address may make: `perMinute` at once, refilled evenly over a minute. IPv6 counts
 * by /64, because one host usually has that many addresses. Memory is bounded; a peer unseen for long starts anew.
 */
export class FailureLimiter {
  private readonly peers = new LRUCache<string, Allowance>({ max: MAX_PEERS });

  constructor(
    private readonly perMinute: number,
    private readonly clock: Clock,
  ) {}

  /** Whole seconds until the address may try again; undefined where it may at once. */
  retryAfterSeconds(address: string): number | undefined {
    const { left } = this.refilled(clientNetwork(address));
    return left >= 1 ? undefined : Math.max(1, Math.ceil(((1 - left) * MINUTE_MS) / this.perMinute / 1000));
  }

  failed(address: string): void {
    const network = clientNetwork(address);
    const allowance = this.refilled(network);
    allowance.left = Math.max(0, allowance.left - 1);
    this.peers.set(network, allowance);
  }

  private refilled(network: string): Allowance {
    const nowMs = this.clock.monotonicMs();
    const known = this.peers.get(network);
    if (!known) return { left: this.perMinute, atMs: nowMs };
    known.left = Math.min(this.perMinute, known.left + ((nowMs - known.atMs) * this.perMinute) / MINUTE_MS);
    known.atMs = nowMs;
    return known;
  }
}
