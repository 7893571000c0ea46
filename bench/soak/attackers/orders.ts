import { readFileSync } from 'node:fs';

/** What every attacker gets by its standard input: its arguments would show in the list of processes. */
export interface Orders {
  /** How long it may go on, ms. */
  readonly forMs: number;
}

export function readOrders<T extends object>(): T & Orders {
  return JSON.parse(readFileSync(0, 'utf8')) as T & Orders;
}

/** Counts what an attacker did. */
export class Tally {
  private readonly counts = new Map<string, number>();

  add(name: string, by = 1): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + by);
  }

  /** Keeps the largest. */
  most(name: string, value: number): void {
    this.counts.set(name, Math.max(this.counts.get(name) ?? 0, value));
  }

  /** As the last line of the output, where the soak reads it, and ends the program. */
  report(): never {
    process.stdout.write(`${JSON.stringify(Object.fromEntries(this.counts))}\n`);
    process.exit(0);
  }
}
