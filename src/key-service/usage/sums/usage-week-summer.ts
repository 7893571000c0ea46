import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { DAY_MS, HOUR_MS } from '../../../lib/durations.js';
import { Clock } from '../../../platform/clock.js';
import { errorFields, Logger } from '../../../platform/logging/logger.js';
import { RepeatedWork } from '../../../platform/repeated-work.js';
import { UsageRecordsConfig } from '../../config/usage-records.config.js';
import { startOf, WEEK_MS, weekOf } from './usage-sums.js';
import { UsageWeeksRepository } from './usage-weeks.repository.js';

const EVERY_MS = HOUR_MS;
const LONGEST_DAYS = 3650;

/**
 * Sums up past weeks, at start and once an hour. A week is summed up again if its days have changed, by late records
 * or by an older program that knows no weeks.
 */
@Injectable()
export class UsageWeekSummer implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly rounds = new RepeatedWork(() => this.sumUpAll());

  constructor(
    private readonly weeks: UsageWeeksRepository,
    private readonly config: UsageRecordsConfig,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.rounds.start(EVERY_MS);
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.rounds.stop();
  }

  /** @returns how many weeks this call summed up, once one that is under way has ended */
  sumUp(): Promise<number> {
    return this.rounds.run();
  }

  private async sumUpAll(): Promise<number> {
    const now = this.clock.now();
    // Of a week that retention has begun to remove, the days that are left are read.
    const kept = startOf(
      new Date(now - (this.config.retentionDays || LONGEST_DAYS) * DAY_MS).toISOString(),
      'day',
    );
    const first = new Date(Date.parse(weekOf(kept)) + WEEK_MS).toISOString();
    let summed = 0;
    try {
      for (const week of await this.weeks.unsummed(first, weekOf(new Date(now).toISOString()))) {
        if (this.rounds.stopping) break;
        await this.weeks.sumUp(week);
        summed += 1;
      }
    } catch (error) {
      this.logger.warn('usage_weeks_not_summed', errorFields(error));
    }
    if (summed > 0) this.logger.info('usage_weeks_summed', { weeks: summed });
    return summed;
  }
}
