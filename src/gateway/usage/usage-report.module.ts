import { Module, type OnModuleInit } from '@nestjs/common';
import { HealthIndicators } from '../../platform/observability/health-indicators.js';
import { RefusalReporter } from './refusal.reporter.js';
import { UsageReporter } from './usage.reporter.js';

/** Reports who used what, and what was refused, to a key service; does nothing unless `USAGE_REPORT_URL` is set. */
@Module({ providers: [RefusalReporter, UsageReporter] })
export class UsageReportModule implements OnModuleInit {
  constructor(
    private readonly reporter: UsageReporter,
    private readonly indicators: HealthIndicators,
  ) {}

  onModuleInit(): void {
    const { reporter } = this;
    if (reporter.indicate()) this.indicators.register('usage', () => reporter.indicate() ?? { status: 'up' });
  }
}
