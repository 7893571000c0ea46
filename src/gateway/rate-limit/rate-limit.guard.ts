import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ProblemError } from '../../lib/problem-error.js';
import { RouteAccesses } from '../../platform/route-access/route-access.js';
import { principalOf } from '../principal/principal.js';
import { RateLimitConfig } from '../config/rate-limit.config.js';
import { retryAfterMs, tighter, type Decision } from './decision.js';
import type { Limits } from './key-limits.js';
import { RateLimitHeaders } from './rate-limit-headers.js';
import { RateLimiter } from './rate-limiter.js';

/** The last guard before MLflow: how much the owner of a key may do. It waits only where Redis has to be asked. */
@Injectable()
export class RateLimitGuard implements CanActivate {
  private readonly routes: RouteAccesses;
  private readonly headers: RateLimitHeaders;
  private readonly defaults: Limits;

  constructor(
    reflector: Reflector,
    private readonly limiter: RateLimiter,
    config: RateLimitConfig,
  ) {
    this.routes = new RouteAccesses(reflector);
    this.headers = new RateLimitHeaders(config.burstWindowSeconds);
    this.defaults = { perHour: config.perHour, burst: config.burst };
  }

  /** @throws ProblemError 429 over a limit; 503 where Redis is away and that is declared to close the door */
  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const principal = principalOf(context.getArgByIndex<IncomingMessage>(0));
    if (!principal) {
      if (this.routes.of(context) !== 'credential') return true;
      // A guarded route without a principal means that the guards stand in the wrong order: closed.
      throw new ProblemError('internal-error', { cause: new Error('no principal') });
    }
    if (principal.unmetered) return true;
    const { ratePerHour, burst } = principal.facts;
    const limits =
      ratePerHour === null && burst === null
        ? this.defaults
        : { perHour: ratePerHour ?? this.defaults.perHour, burst: burst ?? this.defaults.burst };
    const response = context.getArgByIndex<ServerResponse>(1);
    const decision = this.limiter.decide(principal.subject, limits);
    return decision instanceof Promise
      ? decision.then((decided) => this.apply(decided, response))
      : this.apply(decision, response);
  }

  private apply(decision: Decision, response: ServerResponse): boolean {
    if (!response.headersSent) this.headers.set(response, decision);
    switch (decision.outcome) {
      case 'allowed':
        return true;
      case 'limited':
        throw new ProblemError('rate-limited', {
          retryAfterSeconds: retryAfterMs(decision) / 1000,
          reason: tighter(decision) === decision.hour ? 'hour_limit' : 'burst_limit',
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
