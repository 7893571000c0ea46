import type { Budget } from './budget.js';

/** Budgets that a request counts in, in the order in which headers name them. */
export class BudgetSet {
  /** Position of the budget with the shortest sub-buckets: leases end with them. */
  readonly finest: number;

  /** @param index small number that no other set of the program has */
  constructor(
    readonly index: number,
    readonly budgets: readonly Budget[],
  ) {
    const lengths = budgets.map(({ shape }) => shape.windowMs / shape.buckets);
    this.finest = lengths.indexOf(Math.min(...lengths));
  }
}

/** Budgets and their limits for one request. */
export class RequestLimits {
  readonly budgets: readonly Budget[];
  readonly smallest: number;
  /** `RateLimit-Policy` of draft-ietf-httpapi-ratelimit-headers-11, section 3: quota and window in seconds. */
  readonly policy: string;

  /** @param values the limit of each budget, in their order */
  constructor(
    readonly set: BudgetSet,
    readonly values: readonly number[],
  ) {
    this.budgets = set.budgets;
    this.smallest = Math.min(...values);
    this.policy = set.budgets
      .map(({ name, shape }, i) => `"${name}";q=${values[i]};w=${shape.windowMs / 1000}`)
      .join(', ');
  }

  equals(other: RequestLimits | undefined): boolean {
    if (this === other) return true;
    return this.set === other?.set && this.values.every((value, i) => value === other.values[i]);
  }
}
