import { Injectable } from '@nestjs/common';
import { ProblemError } from '../../lib/problem-error.js';
import type { RequestContext } from '../../platform/request/request-context.js';
import { AuthEvents } from './auth.events.js';
import type { Refusal } from './credential/verdict.js';
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
    const { problem, reason, headers, retryAfterSeconds } = refusal;
    if (refusal.counted) this.limiter.countRefusal(context.clientIp);
    context.reason = reason;
    this.events.refused(context, reason);
    return new ProblemError(problem, {
      reason,
      ...(headers && { headers }),
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    });
  }
}
