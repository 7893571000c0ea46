/** Entries that one eviction may spare, so that no insertion takes long. */
const MAX_SPARED = 64;

/** A value that remembers whether it was used since it was last looked over. */
export interface Touchable {
  touched: boolean;
}

/**
 * A map that holds at most `capacity` entries. Where it is full, an entry goes that was not used
 * lately: second chance, which is as good as LRU here and makes a hit cost no reordering.
 */
export class BoundedMap<V extends Touchable> {
  private readonly entries = new Map<string, V>();

  constructor(private readonly capacity: number) {}

  get size(): number {
    return this.entries.size;
  }

  get(key: string): V | undefined {
    const value = this.entries.get(key);
    if (value) value.touched = true;
    return value;
  }

  add(key: string, value: V): V {
    if (this.entries.size >= this.capacity) this.evict();
    this.entries.set(key, value);
    return value;
  }

  private evict(): void {
    // Iteration follows insertion, so the first entry that was not touched is the one idle for longest.
    let spared = 0;
    for (const [key, value] of this.entries) {
      this.entries.delete(key);
      if (!value.touched || spared++ === MAX_SPARED) return;
      value.touched = false;
      this.entries.set(key, value);
    }
  }
}
