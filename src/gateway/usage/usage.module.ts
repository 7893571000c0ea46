import { Module } from '@nestjs/common';
import { UsageReporter } from './usage.reporter.js';

/** Reports who used what to a key service; does nothing unless `USAGE_REPORT_URL` is set. */
@Module({ providers: [UsageReporter] })
export class UsageModule {}
