import { Module, type OnModuleInit } from '@nestjs/common';
import { HealthIndicators } from '../../platform/observability/health-indicators.js';
import { RateLimitGuard } from './rate-limit.guard.js';
import { RateLimitMetrics } from './rate-limit.metrics.js';
import { RateLimiter } from './rate-limiter.js';
import { RatePlan } from './rate-plan.js';

/** Limits per key. */
@Module({
  providers: [RateLimitGuard, RateLimiter, RateLimitMetrics, RatePlan],
  exports: [RateLimitGuard, RateLimiter, RateLimitMetrics, RatePlan],
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
