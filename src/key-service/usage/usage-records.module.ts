import { Module } from '@nestjs/common';
import { KeysModule } from '../keys/keys.module.js';
import { KeyEndpointsRepository } from './series/key-endpoints.repository.js';
import { KeyBarsService } from './series/key-bars.service.js';
import { RefusalsController } from './refusals/refusals.controller.js';
import { RefusalsRepository } from './refusals/refusals.repository.js';
import { RefusalsService } from './refusals/refusals.service.js';
import { UsageRetention } from './usage-retention.js';
import { UsageSeriesRepository } from './series/usage-series.repository.js';
import { UsageSeriesService } from './series/usage-series.service.js';
import { UsageSummaryRepository } from './usage-summary.repository.js';
import { UsageSummer } from './sums/usage-summer.js';
import { UsageSumsRepository } from './sums/usage-sums.repository.js';
import { UsageWeekSummer } from './sums/usage-week-summer.js';
import { UsageWeeksRepository } from './sums/usage-weeks.repository.js';
import { UsageController } from './usage.controller.js';
import { UsageRecorder } from './records/usage.recorder.js';
import { UsageRepository } from './records/usage.repository.js';
import { UsageService } from './usage.service.js';
import { GrantSuggestions } from './grant-suggestion/grant-suggestions.js';
import { UsedResourcesRepository } from './grant-suggestion/used-resources.repository.js';

/** Records and reports usage of keys. */
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
