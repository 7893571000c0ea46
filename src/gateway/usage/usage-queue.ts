/** A first-in-first-out queue with a bound: what does not fit is dropped and counted, never waited for. */
export class UsageQueue<T> {
  private items: T[] = [];
  private head = 0;
  dropped = 0;

  constructor(private readonly limit: number) {}

  get size(): number {
    return this.items.length - this.head;
  }

  push(item: T): void {
    if (this.size >= this.limit) this.dropped++;
    else this.items.push(item);
  }

  /** The oldest items, which stay in the queue until `remove`. */
  peek(count: number): T[] {
    return this.items.slice(this.head, this.head + count);
  }

  remove(count: number): void {
    this.head += Math.min(count, this.size);
    if (this.head > 1024 && this.head * 2 > this.items.length) {
      this.items = this.items.slice(this.head);
      this.head = 0;
    }
  }
}
