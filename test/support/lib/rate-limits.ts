import { RateLimitConfig } from '../../../src/gateway/config/rate-limit.config.js';
import type { Budget } from '../../../src/gateway/rate-limit/budget.js';
import { budgetsOf } from '../../../src/gateway/rate-limit/budgets.js';
import type { Decision, Standing } from '../../../src/gateway/rate-limit/decision.js';
import { BudgetSet, RequestLimits } from '../../../src/gateway/rate-limit/request-limits.js';

/** Limits of one request; searches and writes only where they are named. */
export interface TestLimits {
  perHour: number;
  burst: number;
  searches?: number;
  writes?: number;
}

const WINDOWS = { hour: 'perHour', burst: 'burst', searches: 'searches', writes: 'writes' } as const;
const sets = new Map<string, BudgetSet>();
const budgets = new Map<number, readonly Budget[]>();

/** As a plan makes them, always with the same budgets for a burst window of that length. */
export function requestLimits(limits: TestLimits, burstWindowSeconds = 10): RequestLimits {
  const given = allBudgets(burstWindowSeconds).filter(({ name }) => limitOf(limits, name) !== undefined);
  const id = [burstWindowSeconds, ...given.map(({ name }) => name)].join();
  let set = sets.get(id);
  if (!set) sets.set(id, (set = new BudgetSet(sets.size, given)));
  return new RequestLimits(
    set,
    given.map(({ name }) => limitOf(limits, name) as number),
  );
}

function allBudgets(burstWindowSeconds: number): readonly Budget[] {
  let all = budgets.get(burstWindowSeconds);
  if (!all) {
    all = budgetsOf(Object.assign(new RateLimitConfig(), { burstWindowSeconds }));
    budgets.set(burstWindowSeconds, all);
  }
  return all;
}

function limitOf(limits: TestLimits, name: string): number | undefined {
  return limits[WINDOWS[name as keyof typeof WINDOWS]];
}

/** How the budget of that name stands after a decision. */
export function standingOf({ limits, standings }: Decision, name: string): Standing {
  const found = standings[limits.budgets.findIndex((budget) => budget.name === name)];
  if (!found) throw new Error(`the decision has no budget "${name}"`);
  return found;
}
