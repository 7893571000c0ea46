import { Module } from '@nestjs/common';
import { AuthConfig } from '../config/auth.config.js';
import { BreakerPolicy, breakerPolicy } from './breaker.policy.js';
import { BulkheadPolicy, bulkheadPolicy } from './bulkhead.policy.js';
import { CachePolicy, cachePolicy } from './cache.policy.js';
import { RetryPolicy, retryPolicy } from './retry.policy.js';
import { TimeoutPolicy, timeoutPolicy } from './timeout.policy.js';

/** How the gateway deals with an auth service that is slow, away or wrong; each part can be replaced. */
@Module({
  providers: [
    {
      provide: BreakerPolicy,
      inject: [AuthConfig],
      useFactory: (config: AuthConfig) => breakerPolicy(config),
    },
    { provide: BulkheadPolicy, useFactory: () => bulkheadPolicy() },
    { provide: CachePolicy, inject: [AuthConfig], useFactory: cachePolicy },
    { provide: RetryPolicy, inject: [AuthConfig], useFactory: (config: AuthConfig) => retryPolicy(config) },
    {
      provide: TimeoutPolicy,
      inject: [AuthConfig],
      useFactory: (config: AuthConfig) => timeoutPolicy(config),
    },
  ],
  exports: [BreakerPolicy, BulkheadPolicy, CachePolicy, RetryPolicy, TimeoutPolicy],
})
export class PoliciesModule {}
