import type { Clock } from '../../../platform/clock.js';

/** A request that waits for its turn; hand it back to `cancel` when its client leaves. */
export interface Waiter {
  /** Called once, when it is this request's turn. */
  readonly start: () => void;
}

const MAX_RETRY_AFTER_SECONDS = 30;

/**
 * How many requests are with MLflow at once, and a bounded queue of those that wait, first come first
 * served. A client that leaves frees its place in the queue at once.
 */
export class ConcurrencyLimit {
  private active = 0;
  private readonly waiting = new Set<Waiter>();
  private refusingSinceMs: number | undefined;

  constructor(
    private readonly maxActive: number,
    private readonly maxWaiting: number,
    private readonly clock: Clock,
  ) {}

  get inFlight(): number {
    return this.active;
  }

  get queued(): number {
    return this.waiting.size;
  }

  /**
   * Starts the request at once or lets it wait. Whoever was started calls `leave` exactly once.
   *
   * @returns whether there was room for it
   */
  enter(waiter: Waiter): boolean {
    if (this.active < this.maxActive) {
      this.active++;
      waiter.start();
      return true;
    }
    if (this.waiting.size < this.maxWaiting) {
      this.waiting.add(waiter);
      return true;
    }
    this.refusingSinceMs ??= this.clock.monotonicMs();
    return false;
  }

  leave(): void {
    const next = this.waiting.values().next();
    if (next.done) {
      this.active--;
      this.refusingSinceMs = undefined;
      return;
    }
    this.waiting.delete(next.value);
    next.value.start();
  }

  /** Takes a request out of the queue; false where it does not wait there. */
  cancel(waiter: Waiter): boolean {
    return this.waiting.delete(waiter);
  }

  /**
   * For refused requests: the age of the overload in whole seconds, 1 to 30. MLflow's client obeys it in
   * place of its own back-off, so that a constant second would end its patience after seven.
   */
  get retryAfterSeconds(): number {
    const ageMs = this.refusingSinceMs === undefined ? 0 : this.clock.monotonicMs() - this.refusingSinceMs;
    return Math.min(MAX_RETRY_AFTER_SECONDS, Math.max(1, Math.ceil(ageMs / 1000)));
  }
}
