import { Share } from '../../../lib/share.js';
import type { Clock } from '../../../platform/clock.js';
import { Lanes, type Lane, type Seat, type Waiter } from './lanes.js';
import { OverloadAge } from './overload-age.js';

/** Why there is no room for a request: the queue is full, or its key or address has its share of it already. */
export interface NoRoom {
  readonly cause: 'queue_full' | 'key_share' | 'address_share';
  readonly retryAfterSeconds: number;
}

export interface ConcurrencyBounds {
  readonly maxActive: number;
  readonly maxWaiting: number;
  /** Percent of both that one key may have, and percent of its key's share that one address may have. */
  readonly sharePercent: number;
}

/**
 * Limits how many requests are with MLflow at once, and holds a bounded queue of those that wait. No key may use all
 * of either. Those that wait are served in turn: one of each key, within a key one of each address, each in order of
 * arrival. A client that leaves frees its place in the queue at once.
 *
 * After each call all waiting requests that can start have started. So a new request that can start overtakes none.
 */
export class ConcurrencyLimit {
  private active = 0;
  private waiting = 0;
  private readonly lanes: Lanes;
  /** Lanes with waiting requests; the first one is served next. */
  private readonly rotation = new Set<Lane>();
  private readonly overload: OverloadAge;
  private readonly slots: Share;
  private readonly slotsOfKey: Share;
  private readonly places: Share;
  private readonly placesOfKey: Share;
  private serving = false;

  constructor({ maxActive, maxWaiting, sharePercent }: ConcurrencyBounds, clock: Clock) {
    this.lanes = new Lanes(clock);
    this.overload = new OverloadAge(clock);
    this.slots = new Share(maxActive, sharePercent);
    this.slotsOfKey = new Share(this.slots.mostForOne, sharePercent);
    this.places = new Share(maxWaiting, sharePercent);
    this.placesOfKey = new Share(this.places.mostForOne, sharePercent);
  }

  get inFlight(): number {
    return this.active;
  }

  get queued(): number {
    return this.waiting;
  }

  /** Requests with MLflow of the key that has most of them. */
  get busiestKey(): number {
    return this.lanes.mostActive;
  }

  /** Keys that have anything under way or waiting, or had. */
  get knownKeys(): number {
    return this.lanes.size;
  }

  /**
   * Starts the request at once or lets it wait. Whoever was started calls `leave` when it is done.
   *
   * @returns undefined if it was taken, else why there is no room for it
   */
  enter(waiter: Waiter): NoRoom | undefined {
    const seat = this.lanes.seatOf(waiter);
    if (this.mayStart(seat)) {
      this.start(waiter, seat);
      return undefined;
    }
    const noRoom = this.refusalAt(seat);
    if (noRoom === undefined) this.queue(waiter, seat);
    else this.lanes.tidy(seat);
    return noRoom;
  }

  leave(waiter: Waiter): void {
    const { seat } = waiter;
    if (seat === undefined) return;
    waiter.seat = undefined;
    this.active--;
    seat.active--;
    seat.lane.active--;
    if (seat.lane.waiting === 0) seat.lane.overload.over();
    this.lanes.tidy(seat);
    if (this.waiting === 0) this.overload.over();
    else this.serve();
  }

  /** Takes a request out of the queue; false where it does not wait there. */
  cancel(waiter: Waiter): boolean {
    const { seat } = waiter;
    if (seat === undefined || !seat.waiting.has(waiter)) return false;
    this.unqueue(waiter, seat);
    this.lanes.tidy(seat);
    return true;
  }

  private mayStart({ active, lane }: Seat): boolean {
    return this.slots.admits(lane.active, this.active) && this.slotsOfKey.admits(active, lane.active);
  }

  private refusalAt({ waiting, lane }: Seat): NoRoom | undefined {
    if (!this.places.admits(lane.waiting, this.waiting)) {
      const othersFindRoom = this.slots.admits(0, this.active) || this.places.admits(0, this.waiting);
      return othersFindRoom
        ? { cause: 'key_share', retryAfterSeconds: lane.overload.refuse() }
        : { cause: 'queue_full', retryAfterSeconds: this.overload.refuse() };
    }
    if (!this.placesOfKey.admits(waiting.size, lane.waiting))
      return { cause: 'address_share', retryAfterSeconds: lane.overload.refuse() };
    return undefined;
  }

  private start(waiter: Waiter, seat: Seat): void {
    this.active++;
    seat.active++;
    seat.lane.active++;
    waiter.seat = seat;
    waiter.start();
  }

  private queue(waiter: Waiter, seat: Seat): void {
    waiter.seat = seat;
    this.waiting++;
    seat.lane.waiting++;
    seat.waiting.add(waiter);
    seat.lane.rotation.add(seat);
    this.rotation.add(seat.lane);
  }

  private unqueue(waiter: Waiter, seat: Seat): void {
    const { lane } = seat;
    waiter.seat = undefined;
    this.waiting--;
    lane.waiting--;
    seat.waiting.delete(waiter);
    if (seat.waiting.size === 0) lane.rotation.delete(seat);
    if (lane.waiting === 0) this.rotation.delete(lane);
  }

  /** Starts what may start now: a slot that is free again can open more than one share. */
  private serve(): void {
    // What starts may end at once and come here again.
    if (this.serving) return;
    this.serving = true;
    try {
      for (let seat = this.next(); seat !== undefined; seat = this.next()) this.startFirstOf(seat);
    } finally {
      this.serving = false;
    }
  }

  private next(): Seat | undefined {
    for (const lane of this.rotation) {
      if (!this.slots.admits(lane.active, this.active)) continue;
      for (const seat of lane.rotation) if (this.slotsOfKey.admits(seat.active, lane.active)) return seat;
    }
    return undefined;
  }

  private startFirstOf(seat: Seat): void {
    const { lane } = seat;
    const [waiter] = seat.waiting;
    if (waiter === undefined) return;
    this.unqueue(waiter, seat);
    // Behind all others, where more of the same wait.
    if (this.rotation.delete(lane)) this.rotation.add(lane);
    if (lane.rotation.delete(seat)) lane.rotation.add(seat);
    this.start(waiter, seat);
  }
}
