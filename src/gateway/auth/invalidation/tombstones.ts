/** `id:<key id>` or `digest:<key digest>`: what a tombstone is about. */
export type Subject = string;

export const subjectOfId = (keyId: string): Subject => `id:${keyId}`;
export const subjectOfDigest = (digest: string): Subject => `digest:${digest}`;

/** When a call started: everything it brings back is as old as that. */
export interface Mark {
  /** Position in this process's own order of events. */
  readonly order: number;
  /** Time of the Redis server before the call, microseconds; undefined where it was not asked. */
  readonly redisUs: number | undefined;
  /** False for what another replica fetched: its order is not this one's. */
  readonly local: boolean;
}

export interface Tombstone {
  order: number;
  /** Latest time that the Redis server gave it, microseconds. */
  redisUs: number | undefined;
  /** Position of the latest event of this process that Redis does not have yet. */
  unsharedOrder: number | undefined;
  /** Monotonic time at which this process learned of it, milliseconds. */
  learnedAtMs: number;
}

/**
 * What has been invalidated, and when. Facts from a call that started before a tombstone are unusable.
 * What this process did is compared by its own order of events, what another did by the time that Redis gave
 * both: no two clocks are ever compared.
 */
export class Tombstones {
  private readonly bySubject = new Map<Subject, Tombstone>();
  /** Applies to every key: replaces the tombstones that there was no room for. */
  private floor: Tombstone | undefined = undefined;
  private lastOrder = 0;
  private version = 0;

  /**
   * @param lifetimeMs longer than any facts are used
   * @param limit most tombstones held one by one
   * @param onNew called with the subject of each new one
   */
  constructor(
    private readonly lifetimeMs: number,
    private readonly limit: number,
    private readonly onNew?: (subject: Subject) => void,
  ) {}

  /** Changes with every new tombstone: what was usable at one generation is so until the next. */
  get generation(): number {
    return this.version;
  }

  get size(): number {
    return this.bySubject.size;
  }

  /** Marks the start of a call. */
  mark(redisUs: number | undefined): Mark {
    return { order: ++this.lastOrder, redisUs, local: true };
  }

  /**
   * @param redisUs the time Redis gave it; undefined where Redis does not have it yet
   * @returns false where it was known already
   */
  add(subject: Subject, nowMs: number, redisUs?: number): boolean {
    const known = this.bySubject.get(subject);
    if (redisUs !== undefined && known?.redisUs !== undefined && known.redisUs >= redisUs) return false;
    this.prune(nowMs);
    this.bySubject.delete(subject);
    const order = ++this.lastOrder;
    this.bySubject.set(subject, {
      order,
      redisUs: redisUs ?? known?.redisUs,
      unsharedOrder: redisUs === undefined ? order : known?.unsharedOrder,
      learnedAtMs: nowMs,
    });
    this.version++;
    this.onNew?.(subject);
    return true;
  }

  /** Redis has what was added to it before the mark. */
  shared(subject: Subject, redisUs: number, mark: Mark): void {
    const known = this.bySubject.get(subject);
    if (!known) return;
    known.redisUs = Math.max(known.redisUs ?? 0, redisUs);
    if (known.unsharedOrder !== undefined && known.unsharedOrder < mark.order)
      known.unsharedOrder = undefined;
  }

  /** Those that Redis does not have yet. */
  unshared(): Subject[] {
    return [...this.bySubject].filter(([, stone]) => isUnshared(stone)).map(([subject]) => subject);
  }

  get unsharedCount(): number {
    let count = 0;
    for (const stone of this.bySubject.values()) if (isUnshared(stone)) count++;
    return count;
  }

  entries(): IterableIterator<[Subject, Tombstone]> {
    return this.bySubject.entries();
  }

  /** Whether what a call brought back about a key may be used. */
  allows(mark: Mark, digest: string, keyId: string | null): boolean {
    return (
      isLater(mark, this.floor) &&
      isLater(mark, this.bySubject.get(subjectOfDigest(digest))) &&
      (keyId === null || isLater(mark, this.bySubject.get(subjectOfId(keyId))))
    );
  }

  private prune(nowMs: number): void {
    for (const [subject, stone] of this.bySubject) {
      if (stone.learnedAtMs > nowMs - this.lifetimeMs) break;
      this.bySubject.delete(subject);
    }
    if (this.bySubject.size < this.limit) return;
    // There is no room, and no tombstone may be dropped. So everything older than now must be fetched again.
    const redisUs = latest(this.bySubject.values());
    this.floor = { order: ++this.lastOrder, redisUs, unsharedOrder: undefined, learnedAtMs: nowMs };
    this.bySubject.clear();
  }
}

function isUnshared({ unsharedOrder }: Tombstone): boolean {
  return unsharedOrder !== undefined;
}

function latest(stones: Iterable<Tombstone>): number | undefined {
  let redisUs = 0;
  for (const stone of stones) {
    if (stone.redisUs === undefined || isUnshared(stone)) return undefined;
    redisUs = Math.max(redisUs, stone.redisUs);
  }
  return redisUs;
}

function isLater(mark: Mark, stone: Tombstone | undefined): boolean {
  if (stone === undefined) return true;
  if (mark.local) return mark.order > stone.order;
  if (mark.redisUs === undefined || stone.redisUs === undefined || isUnshared(stone)) return false;
  return mark.redisUs > stone.redisUs;
}
