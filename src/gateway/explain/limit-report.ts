import { Injectable } from '@nestjs/common';
import type { ServerResponse } from 'node:http';
import type { RequestTarget } from '../../lib/http/request-target.js';
import type { KeyLimit } from '../../contracts/keys/access-explain.js';
import type { KeyFacts } from '../principal/key-facts.js';
import type { Budget } from '../rate-limit/budget.js';
import { remainingOf } from '../rate-limit/rate-limit-headers.js';
import { RatePlan } from '../rate-limit/rate-plan.js';

/** Limits of a key, and what the decision on the present request left of them. */
@Injectable()
export class LimitReport {
  constructor(private readonly plan: RatePlan) {}

  /** All of them. */
  ofKey(facts: KeyFacts, response: ServerResponse): KeyLimit[] {
    return this.plan.overview(facts).map(({ budget, limit }) => report(budget, limit, response));
  }

  /** Those that a request would count in. */
  ofRequest(facts: KeyFacts, method: string, target: RequestTarget, response: ServerResponse): KeyLimit[] {
    const { budgets, values } = this.plan.limitsFor(facts, method, target);
    return budgets.map((budget, index) => report(budget, values[index] as number, response));
  }
}

function report(budget: Budget, limit: number, response: ServerResponse): KeyLimit {
  const standing = remainingOf(response, budget.name);
  return {
    name: budget.name,
    counts: budget.action ?? 'all',
    limit,
    window_seconds: budget.shape.windowMs / 1000,
    remaining: standing?.remaining ?? null,
    reset_seconds: standing?.resetSeconds ?? null,
  };
}
