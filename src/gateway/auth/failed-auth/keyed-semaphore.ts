interface Holders {
  /** Inside, waiting, or just looking whether there is room. */
  present: number;
  inside: number;
  readonly waiting: (() => void)[];
}

/**
 * A semaphore for each name: as many go in at once as there is room for, the others wait. How much room there is may
 * depend on what those inside do there, so it is asked for again when one has left. Nothing is held for a name that
 * nobody is at.
 */
export class KeyedSemaphore {
  private readonly names = new Map<string, Holders>();

  /** Names that somebody is at. */
  get size(): number {
    return this.names.size;
  }

  /**
   * @param room how many may be inside at once; zero or less turns away
   * @returns whether to go in: then `leave` has to be called once
   */
  async enter(name: string, room: () => Promise<number>): Promise<boolean> {
    const holders = this.holdersOf(name);
    holders.present++;
    if (holders.waiting.length > 0) await wait(holders);
    for (;;) {
      const places = await room();
      if (places <= 0) {
        this.go(name, holders);
        return false;
      }
      if (holders.inside < places) {
        holders.inside++;
        wakeOne(holders);
        return true;
      }
      await wait(holders);
    }
  }

  leave(name: string): void {
    const holders = this.holdersOf(name);
    holders.inside--;
    this.go(name, holders);
  }

  private holdersOf(name: string): Holders {
    let holders = this.names.get(name);
    if (!holders) this.names.set(name, (holders = { present: 0, inside: 0, waiting: [] }));
    return holders;
  }

  private go(name: string, holders: Holders): void {
    if (--holders.present === 0) this.names.delete(name);
    else wakeOne(holders);
  }
}

function wait(holders: Holders): Promise<void> {
  return new Promise((resolve) => holders.waiting.push(resolve));
}

/** Whoever is woken looks for room, and wakes the next one where it need not wait on. */
function wakeOne(holders: Holders): void {
  holders.waiting.shift()?.();
}
