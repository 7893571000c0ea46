import { Module } from '@nestjs/common';
import { Counter, Registry } from 'prom-client';
import { AuthConfig } from '../config/auth.config.js';
import { BreakerPolicy, breakerPolicy } from './breaker.policy.js';
import { BulkheadPolicy, bulkheadPolicy } from './bulkhead.policy.js';
import { CachePolicy, cachePolicy } from './cache.policy.js';
import { RetryBudget } from './retry-budget.js';
import { RetryPolicy, retryPolicy } from './retry.policy.js';
import { TimeoutPolicy, timeoutPolicy } from './timeout.policy.js';

/** How the gateway deals with an auth service that is slow, unavailable or wrong; each part can be replaced. */
@Module({
  providers: [
    {
      provide: BreakerPolicy,
      inject: [AuthConfig],
      useFactory: (config: AuthConfig) => breakerPolicy(config),
    },
    { provide: BulkheadPolicy, useFactory: () => bulkheadPolicy() },
    { provide: CachePolicy, inject: [AuthConfig], useFactory: cachePolicy },
    { provide: RetryPolicy, inject: [AuthConfig, Registry], useFactory: countedRetryPolicy },
    {
      provide: TimeoutPolicy,
      inject: [AuthConfig],
      useFactory: (config: AuthConfig) => timeoutPolicy(config),
    },
  ],
  exports: [BreakerPolicy, BulkheadPolicy, CachePolicy, RetryPolicy, TimeoutPolicy],
})
export class ResilienceModule {}

function countedRetryPolicy(config: AuthConfig, registry: Registry): RetryPolicy {
  const repetitions = new Counter({
    name: 'auth_retries_total',
    help: 'Failed calls to the auth service that were repeated, or were not because the budget was used up',
    labelNames: ['result'],
    registers: [registry],
  });
  return retryPolicy(config, new RetryBudget(), (result) => repetitions.inc({ result }));
}
