interface Holders {
  /** Inside, waiting, or just looking whether there is room. */
  present: number;
  inside: number;
  readonly waiting: Set<() => void>;
}

/** `full`: there is no room; `gave-up`: the wait was ended from outside. */
export type Entrance = 'in' | 'full' | 'gave-up';

/**
 * A semaphore for each name. As many callers enter as there is room for; the others wait. The room may depend on what
 * the callers inside do, so it is asked for again whenever one leaves. A name without callers takes no memory.
 */
export class KeyedSemaphore {
  private readonly names = new Map<string, Holders>();

  /** Names that somebody holds or waits for. */
  get size(): number {
    return this.names.size;
  }

  /**
   * @param room how many may be inside at once; zero or less refuses everybody
   * @param signal ends the wait
   * @returns `in`: then `leave` has to be called once
   */
  async enter(name: string, room: () => number | Promise<number>, signal?: AbortSignal): Promise<Entrance> {
    const holders = this.holdersOf(name);
    holders.present++;
    if (holders.waiting.size > 0 && !(await woken(holders, signal))) return this.giveUp(name, holders);
    for (;;) {
      const places = await room();
      if (places <= 0) {
        this.go(name, holders);
        return 'full';
      }
      if (holders.inside < places) {
        holders.inside++;
        wakeOne(holders);
        return 'in';
      }
      if (!(await woken(holders, signal))) return this.giveUp(name, holders);
    }
  }

  leave(name: string): void {
    const holders = this.holdersOf(name);
    holders.inside--;
    this.go(name, holders);
  }

  private holdersOf(name: string): Holders {
    let holders = this.names.get(name);
    if (!holders) this.names.set(name, (holders = { present: 0, inside: 0, waiting: new Set() }));
    return holders;
  }

  private go(name: string, holders: Holders): void {
    if (--holders.present === 0) this.names.delete(name);
    else wakeOne(holders);
  }

  /** Wakes nobody: no room has become free. */
  private giveUp(name: string, holders: Holders): 'gave-up' {
    if (--holders.present === 0) this.names.delete(name);
    return 'gave-up';
  }
}

/** @returns false where the signal came first */
function woken(holders: Holders, signal: AbortSignal | undefined): Promise<boolean> {
  if (signal?.aborted) return Promise.resolve(false);
  return new Promise((resolve) => {
    const wake = (): void => {
      signal?.removeEventListener('abort', giveUp);
      resolve(true);
    };
    const giveUp = (): void => {
      holders.waiting.delete(wake);
      resolve(false);
    };
    signal?.addEventListener('abort', giveUp, { once: true });
    holders.waiting.add(wake);
  });
}

/** A waiter that is woken looks for room, and wakes the next one if it need not wait any longer. */
function wakeOne({ waiting }: Holders): void {
  const [first] = waiting;
  if (!first) return;
  waiting.delete(first);
  first();
}
