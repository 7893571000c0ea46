import { Injectable } from '@nestjs/common';
import type { ProblemError } from '../../lib/problem-error.js';
import type { RequestContext } from '../../platform/request/request-context.js';
import { AuthEvents } from './auth.events.js';
import { problemOf, type Refusal } from './credential/verdict.js';
import { FailedAuthLimiter } from './failed-auth/failed-auth-limiter.js';

/** What a refusal means for the client, the limit of its address, the log and the metrics. */
@Injectable()
export class Refusals {
  constructor(
    private readonly limiter: FailedAuthLimiter,
    private readonly events: AuthEvents,
  ) {}

  /** Counts and logs the refusal, and returns what the client is to be told. */
  of(refusal: Refusal, context: RequestContext): ProblemError {
    if (refusal.counted) this.limiter.countRefusal(context.clientIp);
    context.reason = refusal.reason;
    this.events.refused(context, refusal.reason);
    return problemOf(refusal);
  }
}
