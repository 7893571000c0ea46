import { Module } from '@nestjs/common';
import { KeysModule } from '../keys/keys.module.js';
import { UsageRetention } from './usage-retention.js';
import { UsageSeriesRepository } from './usage-series.repository.js';
import { UsageSeriesService } from './usage-series.service.js';
import { UsageSummaryRepository } from './usage-summary.repository.js';
import { UsageSummer } from './usage-summer.js';
import { UsageSumsRepository } from './usage-sums.repository.js';
import { UsageController } from './usage.controller.js';
import { UsageRecorder } from './usage.recorder.js';
import { UsageRepository } from './usage.repository.js';
import { UsageService } from './usage.service.js';

/** Who used what. */
@Module({
  imports: [KeysModule],
  controllers: [UsageController],
  providers: [
    UsageRecorder,
    UsageRepository,
    UsageRetention,
    UsageSeriesRepository,
    UsageSeriesService,
    UsageService,
    UsageSummaryRepository,
    UsageSummer,
    UsageSumsRepository,
  ],
  exports: [UsageSeriesService],
})
export class UsageRecordsModule {}
