import { Share } from '../../../lib/share.js';

/** What one asker has under way, and what it has waiting, in order of arrival. */
interface Lane {
  active: number;
  readonly waiting: Set<() => void>;
}

export interface TurnBounds {
  readonly maxActive: number;
  readonly maxWaiting: number;
  /** The share of slots and queue that one asker may have; less while others have many. */
  readonly sharePercent: number;
}

/**
 * Limits how many operations run at once. The others wait and are served in turn, one per asker, so that nobody has to
 * wait for everything that another asker has queued.
 */
export class Turns<Asker> {
  private active = 0;
  private waiting = 0;
  /** Those with anything under way or waiting; the first one is served next. */
  private readonly lanes = new Map<Asker, Lane>();
  private readonly slots: Share;
  private readonly places: Share;

  constructor({ maxActive, maxWaiting, sharePercent }: TurnBounds) {
    this.slots = new Share(maxActive, sharePercent);
    this.places = new Share(maxWaiting, sharePercent);
  }

  /**
   * @param signal ends the wait
   * @returns to be called once, when it is over
   */
  enter(asker: Asker, signal: AbortSignal): Promise<() => void> {
    const lane = this.lanes.get(asker) ?? { active: 0, waiting: new Set() };
    this.lanes.set(asker, lane);
    if (this.slots.admits(lane.active, this.active)) return Promise.resolve(this.start(asker, lane));
    if (!this.places.admits(lane.waiting.size, this.waiting)) {
      this.tidy(asker, lane);
      return Promise.reject(new Error('too many wait'));
    }
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        lane.waiting.delete(go);
        this.waiting -= 1;
        this.tidy(asker, lane);
        reject(new Error('no turn in time'));
      };
      const go = (): void => {
        signal.removeEventListener('abort', stop);
        resolve(this.start(asker, lane));
      };
      lane.waiting.add(go);
      this.waiting += 1;
      signal.addEventListener('abort', stop, { once: true });
    });
  }

  private start(asker: Asker, lane: Lane): () => void {
    this.active += 1;
    lane.active += 1;
    return () => {
      this.active -= 1;
      lane.active -= 1;
      this.tidy(asker, lane);
      this.serve();
    };
  }

  /** Starts what may start now: a turn that is over can open more than one share. */
  private serve(): void {
    for (let found = this.next(); found !== undefined; found = this.next()) {
      const [asker, lane, first] = found;
      lane.waiting.delete(first);
      this.waiting -= 1;
      // Behind all others.
      this.lanes.delete(asker);
      this.lanes.set(asker, lane);
      first();
    }
  }

  private next(): [Asker, Lane, () => void] | undefined {
    if (this.waiting === 0) return undefined;
    for (const [asker, lane] of this.lanes) {
      const [first] = lane.waiting;
      if (first !== undefined && this.slots.admits(lane.active, this.active)) return [asker, lane, first];
    }
    return undefined;
  }

  private tidy(asker: Asker, lane: Lane): void {
    if (lane.active === 0 && lane.waiting.size === 0) this.lanes.delete(asker);
  }
}
