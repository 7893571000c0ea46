import { SlidingWindow } from '../../lib/sliding-window.js';
import type { Budget } from './budget.js';
import { stricter, type Standing } from './decision.js';
import type { BudgetSet, RequestLimits } from './request-limits.js';

class OwnWindow extends SlidingWindow {
  /** Slots that calls to Redis under way ask for. */
  reserved = 0;

  constructor(readonly budget: Budget) {
    super(budget.shape);
  }
}

/**
 * What this replica itself accepted for one key: the twin of the shared windows.
 * Hot path: docs/decisions/0003-leased-limits.md
 */
export class OwnWindows {
  private readonly windows: OwnWindow[] = [];
  /** The windows of each set, in the order of its budgets. */
  private readonly bySet: (readonly OwnWindow[])[] = [];

  /** Requests that all budgets would accept now; 0 or below where one is used up. */
  room({ set, values }: RequestLimits, nowMs: number): number {
    const windows = this.windowsOf(set);
    let room = Infinity;
    for (let i = 0; i < windows.length; i++) {
      const window = windows[i] as OwnWindow;
      window.advance(nowMs);
      const left = (values[i] as number) - window.total;
      if (left < room) room = left;
    }
    return room;
  }

  /** The same without the slots that are asked of Redis: two calls of one key must not both count on them. */
  unreserved({ set, values }: RequestLimits, nowMs: number): number {
    const windows = this.windowsOf(set);
    let room = Infinity;
    for (let i = 0; i < windows.length; i++) {
      const window = windows[i] as OwnWindow;
      window.advance(nowMs);
      const left = (values[i] as number) - window.total - window.reserved;
      if (left < room) room = left;
    }
    return room;
  }

  /** @param slots negative to give them back */
  reserve({ set }: RequestLimits, slots: number): void {
    for (const window of this.windowsOf(set)) window.reserved += slots;
  }

  /** Counts one accepted request, at the time of the last look. */
  count({ set }: RequestLimits): void {
    const windows = this.windowsOf(set);
    for (let i = 0; i < windows.length; i++) (windows[i] as OwnWindow).count(1);
  }

  /** How each budget stands, at the time of the last look. */
  standings({ set, values }: RequestLimits, nowMs: number): Standing[] {
    const windows = this.windowsOf(set);
    const standings = new Array<Standing>(windows.length);
    for (let i = 0; i < windows.length; i++) {
      const window = windows[i] as OwnWindow;
      const limit = values[i] as number;
      const remaining = Math.max(0, limit - window.total);
      standings[i] = { limit, remaining, resetMs: window.nextSlotMs(limit, nowMs) };
    }
    return standings;
  }

  /** The shared view of each budget, or this replica's own where that is stricter. */
  stricter(shared: readonly Standing[], { set }: RequestLimits, nowMs: number): Standing[] {
    const windows = this.windowsOf(set);
    const standings = new Array<Standing>(windows.length);
    for (let i = 0; i < windows.length; i++)
      standings[i] = stricter(shared[i] as Standing, windows[i] as OwnWindow, nowMs);
    return standings;
  }

  private windowsOf(set: BudgetSet): readonly OwnWindow[] {
    return (this.bySet[set.index] ??= set.budgets.map((budget) => this.windowOf(budget)));
  }

  private windowOf(budget: Budget): OwnWindow {
    const known = this.windows.find((window) => window.budget === budget);
    if (known) return known;
    const made = new OwnWindow(budget);
    this.windows.push(made);
    return made;
  }
}
