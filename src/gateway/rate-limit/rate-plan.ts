import { Injectable } from '@nestjs/common';
import type { RequestTarget } from '../../lib/http/request-target.js';
import { RateLimitConfig } from '../config/rate-limit.config.js';
import { RememberedPaths } from '../mlflow-routes/remembered-paths.js';
import type { KeyFacts } from '../principal/key-facts.js';
import { actionBudgetOf, type ActionBudget } from './action-budget.js';
import type { Budget } from './budget.js';
import { budgetsOf } from './budgets.js';
import { BudgetSet, RequestLimits } from './request-limits.js';

/** The limits of one key by what a request does. */
interface KeyLimits {
  /** The budgets of requests that have no budget of their own. */
  readonly plain: RequestLimits;
  /** Undefined if all requests of this key count in the same budgets. */
  readonly byAction: Readonly<Record<ActionBudget, RequestLimits>> | undefined;
}

/**
 * Chooses the budgets that a request counts in, and their limits.
 * Hot path: docs/decisions/0003-leased-limits.md
 */
@Injectable()
export class RatePlan {
  private readonly budgets: readonly Budget[];
  private readonly sets = new Map<string, BudgetSet>();
  /** Computed once per key, not per request, and kept as long as its facts are cached. */
  private readonly known = new WeakMap<KeyFacts, KeyLimits>();
  private readonly actions = new RememberedPaths(
    (method, { path }): ActionBudget | 'none' => actionBudgetOf(method, path) ?? 'none',
  );
  /** Of keys that name no limit of their own, which are most. */
  private defaults: KeyLimits | undefined;

  constructor(config: RateLimitConfig) {
    this.budgets = budgetsOf(config);
  }

  limitsFor(facts: KeyFacts, method: string, target: RequestTarget): RequestLimits {
    let limits = this.known.get(facts);
    if (!limits) this.known.set(facts, (limits = this.limitsOf(facts)));
    if (limits.byAction === undefined) return limits.plain;
    const action = this.actions.of(method, target);
    return action === 'none' ? limits.plain : limits.byAction[action];
  }

  /** Every budget that the key has, and its limit, whatever is asked for. */
  overview(facts: KeyFacts): readonly { readonly budget: Budget; readonly limit: number }[] {
    return this.budgets.flatMap((budget) => {
      const limit = limitOf(budget, facts);
      return limit === undefined ? [] : [{ budget, limit }];
    });
  }

  /** All budgets of the key together, for reading only; nothing is counted in them. */
  everything(facts: KeyFacts): RequestLimits {
    const all = this.overview(facts);
    return new RequestLimits(
      this.setOf(all.map(({ budget }) => budget)),
      all.map(({ limit }) => limit),
    );
  }

  private limitsOf(facts: KeyFacts): KeyLimits {
    const ownLimits = this.budgets.some(({ limitOf }) => (limitOf?.(facts) ?? null) !== null);
    return ownLimits ? this.make(facts) : (this.defaults ??= this.make(facts));
  }

  private make(facts: KeyFacts): KeyLimits {
    const plain = this.limits(facts, undefined);
    const byAction = {
      searches: this.limits(facts, 'searches'),
      writes: this.limits(facts, 'writes'),
    };
    const differ = Object.values(byAction).some(({ set }) => set !== plain.set);
    return { plain, byAction: differ ? byAction : undefined };
  }

  private limits(facts: KeyFacts, action: ActionBudget | undefined): RequestLimits {
    const budgets: Budget[] = [];
    const values: number[] = [];
    for (const budget of this.budgets) {
      const value = limitOf(budget, facts);
      if (value === undefined || (budget.action !== undefined && budget.action !== action)) continue;
      budgets.push(budget);
      values.push(value);
    }
    return new RequestLimits(this.setOf(budgets), values);
  }

  /** One object a combination, so that a key finds its shared count of it by a number. */
  private setOf(budgets: readonly Budget[]): BudgetSet {
    const id = budgets.map(({ name }) => name).join();
    let set = this.sets.get(id);
    if (!set) this.sets.set(id, (set = new BudgetSet(this.sets.size, budgets)));
    return set;
  }
}

/** Undefined where the key has no such limit. */
function limitOf(budget: Budget, facts: KeyFacts): number | undefined {
  return budget.limitOf?.(facts) ?? budget.defaultLimit;
}
