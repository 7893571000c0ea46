import { Inject, Injectable } from '@nestjs/common';
import { BreakerPolicy } from '../../resilience/breaker.policy.js';
import { BulkheadPolicy } from '../../resilience/bulkhead.policy.js';
import { RetryPolicy } from '../../resilience/retry.policy.js';
import { TimeoutPolicy } from '../../resilience/timeout.policy.js';

/** The policies around one validation call, from the outermost to the innermost. */
@Injectable()
export class CallPolicies {
  constructor(
    @Inject(BulkheadPolicy) readonly bulkhead: BulkheadPolicy,
    @Inject(BreakerPolicy) readonly breaker: BreakerPolicy,
    @Inject(RetryPolicy) readonly retry: RetryPolicy,
    @Inject(TimeoutPolicy) readonly timeout: TimeoutPolicy,
  ) {}
}
