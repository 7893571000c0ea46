import { Injectable } from '@nestjs/common';
import type { ProblemError } from '../../lib/http/problem-error.js';
import type { RequestContext } from '../../platform/request/request-context.js';
import { RefusalFeed } from '../principal/refusal-feed.js';
import { AuthEvents } from './auth.events.js';
import { problemOf, type Refusal, type Refused } from './credential/verdict.js';
import { FailedAuthLimiter } from './failed-auth/failed-auth-limiter.js';

/** What is known of the key that was refused. */
type AboutKey = Pick<Refused, 'facts' | 'keyPrefix'>;

/** What a refusal means for the client, the limit of its address, the log and the metrics. */
@Injectable()
export class Refusals {
  constructor(
    private readonly limiter: FailedAuthLimiter,
    private readonly events: AuthEvents,
    private readonly feed: RefusalFeed,
  ) {}

  /** Counts and logs the refusal, and returns what the client is to be told. */
  of(refusal: Refusal, context: RequestContext, about: AboutKey = {}): ProblemError {
    if (refusal.counted) this.limiter.countRefusal(context.clientIp);
    context.reason = refusal.reason;
    this.events.refused(context, refusal.reason);
    // Without a verdict nothing was refused.
    if (refusal.problem !== 'auth-service-unavailable')
      this.feed.refused({
        reason: refusal.reason,
        clientIp: context.clientIp,
        keyPrefix: about.keyPrefix,
        keyId: about.facts?.keyId ?? undefined,
      });
    return problemOf(refusal);
  }
}
