import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ProblemError } from '../../lib/http/problem-error.js';
import { RouteAccesses } from '../../platform/route-access/route-access.js';
import { principalOf } from '../principal/principal.js';
import { contextOf } from '../../platform/request/request-context.js';
import type { Budget } from './budget.js';
import { retryAfterMs, tightest, type Decision } from './decision.js';
import { setRateLimitHeaders } from './rate-limit-headers.js';
import { RatePlan } from './rate-plan.js';
import { RateLimiter } from './rate-limiter.js';

/** The guard before any that asks MLflow: how much the owner of a key may do. It waits only where Redis has to be asked. */
@Injectable()
export class RateLimitGuard implements CanActivate {
  private readonly routes: RouteAccesses;

  constructor(
    reflector: Reflector,
    private readonly limiter: RateLimiter,
    private readonly plan: RatePlan,
  ) {
    this.routes = new RouteAccesses(reflector);
  }

  /** @throws ProblemError 429 over a limit; 503 while Redis is unavailable, if RATE_LIMIT_ON_STORE_ERROR=deny */
  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const request = context.getArgByIndex<IncomingMessage>(0);
    const principal = principalOf(request);
    if (!principal) {
      if (this.routes.of(context) !== 'credential') return true;
      // A guarded route without a principal means that the guards are in the wrong order: refuse.
      throw new ProblemError('internal-error', { cause: new Error('no principal') });
    }
    if (principal.unmetered) return true;
    const { target } = contextOf(request);
    const limits = this.plan.limitsFor(principal.facts, request.method ?? '', target);
    const response = context.getArgByIndex<ServerResponse>(1);
    const decision = this.limiter.decide(principal.subject, limits);
    return decision instanceof Promise
      ? decision.then((decided) => this.apply(decided, response))
      : this.apply(decision, response);
  }

  private apply(decision: Decision, response: ServerResponse): boolean {
    if (!response.headersSent) setRateLimitHeaders(response, decision);
    switch (decision.outcome) {
      case 'allowed':
        return true;
      case 'limited':
        throw new ProblemError('rate-limited', {
          retryAfterSeconds: retryAfterMs(decision.standings) / 1000,
          reason: `${tightestBudget(decision).name}_limit`,
        });
      case 'unavailable':
        throw new ProblemError('rate-limit-store-unavailable', {
          retryAfterSeconds: this.limiter.retryAfterSeconds,
        });
      default:
        return decision.outcome satisfies never;
    }
  }
}

function tightestBudget({ limits, standings }: Decision): Budget {
  return limits.budgets[tightest(standings)] as Budget;
}
