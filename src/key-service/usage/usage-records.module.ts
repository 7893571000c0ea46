import { Module } from '@nestjs/common';
import { KeysModule } from '../keys/keys.module.js';
import { KeyEndpointsRepository } from './key-endpoints.repository.js';
import { KeyBarsService } from './key-bars.service.js';
import { RefusalsController } from './refusals.controller.js';
import { RefusalsRepository } from './refusals.repository.js';
import { RefusalsService } from './refusals.service.js';
import { UsageRetention } from './usage-retention.js';
import { UsageSeriesRepository } from './usage-series.repository.js';
import { UsageSeriesService } from './usage-series.service.js';
import { UsageSummaryRepository } from './usage-summary.repository.js';
import { UsageSummer } from './usage-summer.js';
import { UsageSumsRepository } from './usage-sums.repository.js';
import { UsageWeekSummer } from './usage-week-summer.js';
import { UsageWeeksRepository } from './usage-weeks.repository.js';
import { UsageController } from './usage.controller.js';
import { UsageRecorder } from './usage.recorder.js';
import { UsageRepository } from './usage.repository.js';
import { UsageService } from './usage.service.js';
import { GrantSuggestions } from './grant-suggestions.js';
import { UsedResourcesRepository } from './used-resources.repository.js';

/** Who used what. */
@Module({
  imports: [KeysModule],
  controllers: [RefusalsController, UsageController],
  providers: [
    GrantSuggestions,
    KeyBarsService,
    KeyEndpointsRepository,
    RefusalsRepository,
    RefusalsService,
    UsageRecorder,
    UsageRepository,
    UsageRetention,
    UsageSeriesRepository,
    UsageSeriesService,
    UsageService,
    UsageSummaryRepository,
    UsageSummer,
    UsageSumsRepository,
    UsageWeekSummer,
    UsageWeeksRepository,
    UsedResourcesRepository,
  ],
  exports: [KeyBarsService, KeyEndpointsRepository, RefusalsService, UsageSeriesService, UsageService],
})
export class UsageRecordsModule {}
