import { Module } from '@nestjs/common';
import { FailedAuthLimiter } from './failed-auth-limiter.js';
import { RateLimitGuard } from './rate-limit.guard.js';

/** Limits per key and, for refused keys, per client address. */
@Module({
  providers: [RateLimitGuard, FailedAuthLimiter],
  exports: [RateLimitGuard, FailedAuthLimiter],
})
export class RateLimitModule {}
