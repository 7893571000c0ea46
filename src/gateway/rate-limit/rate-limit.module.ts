import { Module, type OnModuleInit } from '@nestjs/common';
import { HealthIndicators } from '../../platform/observability/health-indicators.js';
import { FailedAuthLimiter } from './failed-auth-limiter.js';
import { RateLimitGuard } from './rate-limit.guard.js';
import { RateLimitMetrics } from './rate-limit.metrics.js';
import { RateLimiter } from './rate-limiter.js';

/** Limits per key and, for refused keys, per client address. */
@Module({
  providers: [RateLimitGuard, RateLimiter, FailedAuthLimiter, RateLimitMetrics],
  exports: [RateLimitGuard, FailedAuthLimiter],
})
export class RateLimitModule implements OnModuleInit {
  constructor(
    private readonly limiter: RateLimiter,
    private readonly indicators: HealthIndicators,
  ) {}

  onModuleInit(): void {
    this.indicators.register('rate_limit', () => this.limiter.indicate());
  }
}
