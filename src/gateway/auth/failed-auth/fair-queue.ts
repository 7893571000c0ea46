/**
 * A bounded number of places, with one waiting line per lane. Free places are given to the lanes in turn, so that a
 * lane with thousands waiting delays another lane by one turn only.
 */
export class FairQueue {
  private inside = 0;
  private waitingCount = 0;
  /** Those that wait, the lane whose turn is next first. A lane without anybody is not held. */
  private readonly lanes = new Map<string, Set<Waiter>>();

  /**
   * @param places how many may be inside at once
   * @param maxWaiting most that wait in all lanes together
   */
  constructor(
    private readonly places: number,
    private readonly maxWaiting: number,
  ) {}

  get waiting(): number {
    return this.waitingCount;
  }

  /**
   * @param signal ends the wait
   * @returns whether to go in: then `leave` has to be called once; false where the wait ended or there was no room
   */
  async enter(lane: string, signal: AbortSignal): Promise<boolean> {
    if (this.inside < this.places) {
      this.inside++;
      return true;
    }
    if (signal.aborted || !this.makeRoom(lane)) return false;
    return new Promise((resolve) => {
      const end = (in_: boolean): void => {
        signal.removeEventListener('abort', giveUp);
        resolve(in_);
      };
      const giveUp = (): void => {
        this.remove(lane, end);
        end(false);
      };
      signal.addEventListener('abort', giveUp, { once: true });
      this.add(lane, end);
    });
  }

  leave(): void {
    const [turn] = this.lanes;
    if (!turn) {
      this.inside--;
      return;
    }
    const [lane, line] = turn;
    const [first] = line;
    this.remove(lane, first as Waiter);
    // To the end of the turns.
    if (this.lanes.delete(lane) && line.size > 0) this.lanes.set(lane, line);
    (first as Waiter)(true);
  }

  /** If everything is full, the last one of the longest lane is dropped. @returns false if that is the caller */
  private makeRoom(lane: string): boolean {
    if (this.waitingCount < this.maxWaiting) return true;
    const [longest, line] = this.longestLane();
    if (longest === lane || line.size <= (this.lanes.get(lane)?.size ?? 0) + 1) return false;
    const last = [...line].at(-1) as Waiter;
    this.remove(longest, last);
    last(false);
    return true;
  }

  private longestLane(): [string, Set<Waiter>] {
    let longest: [string, Set<Waiter>] = ['', new Set()];
    for (const one of this.lanes) if (one[1].size > longest[1].size) longest = one;
    return longest;
  }

  private add(lane: string, waiter: Waiter): void {
    const line = this.lanes.get(lane);
    if (line) line.add(waiter);
    else this.lanes.set(lane, new Set([waiter]));
    this.waitingCount++;
  }

  private remove(lane: string, waiter: Waiter): void {
    const line = this.lanes.get(lane);
    if (!line?.delete(waiter)) return;
    this.waitingCount--;
    if (line.size === 0) this.lanes.delete(lane);
  }
}

/** Called with whether it got in. */
type Waiter = (isIn: boolean) => void;
