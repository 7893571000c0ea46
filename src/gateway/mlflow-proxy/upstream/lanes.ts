import { clientNetwork } from '../../../lib/network/client-network.js';
import type { Clock } from '../../../platform/clock.js';
import { OverloadAge } from './overload-age.js';

/** What one key has under way and waiting, and from where. */
export class Lane {
  active = 0;
  waiting = 0;
  readonly seats = new Map<string, Seat>();
  /** Seats with waiting requests; the first one is served next. */
  readonly rotation = new Set<Seat>();
  readonly overload: OverloadAge;

  constructor(
    readonly key: string,
    clock: Clock,
  ) {
    this.overload = new OverloadAge(clock);
  }
}

/** What one key has under way and waiting from one address, IPv6 by /64. */
export class Seat {
  active = 0;
  /** In order of arrival. */
  readonly waiting = new Set<Waiter>();

  constructor(
    readonly lane: Lane,
    readonly network: string,
  ) {}
}

/** A request that wants to go to MLflow. */
export interface Waiter {
  readonly subject: string;
  readonly clientIp: string;
  /** Set by the limit while the request is under way or waits. */
  seat: Seat | undefined;
  /** Called once, when it is this request's turn. */
  readonly start: () => void;
}

/** Lanes, and seats of a lane, that are kept although nothing is under way or waiting there. */
const KEPT_LANES = 1000;
const KEPT_SEATS = 4;

/**
 * The lanes of all keys that have anything under way or waiting, and some that had. Most requests are the next ones of
 * a key that just had one. Hot path: a map that gains and loses an entry with each request leaves tables behind that
 * make V8 keep dead objects (docs/decisions/0023-flags-of-v8.md).
 */
export class Lanes {
  private readonly byKey = new Map<string, Lane>();

  constructor(private readonly clock: Clock) {}

  seatOf({ subject, clientIp }: Waiter): Seat {
    let lane = this.byKey.get(subject);
    if (lane === undefined) this.byKey.set(subject, (lane = new Lane(subject, this.clock)));
    const network = clientIp.includes(':') ? clientNetwork(clientIp) : clientIp;
    let seat = lane.seats.get(network);
    if (seat === undefined) lane.seats.set(network, (seat = new Seat(lane, network)));
    return seat;
  }

  /** Drops an empty seat and its lane if enough empty ones are kept already. */
  tidy(seat: Seat): void {
    if (seat.active > 0 || seat.waiting.size > 0) return;
    const { lane } = seat;
    if (lane.seats.size > KEPT_SEATS) lane.seats.delete(seat.network);
    if (this.byKey.size > KEPT_LANES && lane.active === 0 && lane.waiting === 0) this.byKey.delete(lane.key);
  }

  get size(): number {
    return this.byKey.size;
  }

  /** Requests under way of the key that has most. */
  get mostActive(): number {
    let most = 0;
    for (const { active } of this.byKey.values()) most = Math.max(most, active);
    return most;
  }
}
