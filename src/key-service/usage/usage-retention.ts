import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { DAY_MS, HOUR_MS } from '../../lib/durations.js';
import { Clock } from '../../platform/clock.js';
import { errorFields, Logger } from '../../platform/logging/logger.js';
import { RepeatedWork } from '../../platform/repeated-work.js';
import { UsageRecordsConfig } from '../config/usage-records.config.js';
import { RefusalsRepository } from './refusals/refusals.repository.js';
import { startOf } from './sums/usage-sums.js';
import { UsageRepository } from './records/usage.repository.js';

const EVERY_MS = HOUR_MS;

/**
 * Removes usage that is older than `USAGE_RETENTION_DAYS`, at start and once an hour: whole days in UTC, so that the sums
 * of a day are those of its records to the end.
 */
@Injectable()
export class UsageRetention implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly sweeps = new RepeatedWork(() => this.remove());

  constructor(
    private readonly repository: UsageRepository,
    private readonly refusals: RefusalsRepository,
    private readonly config: UsageRecordsConfig,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    if (this.config.retentionDays > 0) this.sweeps.start(EVERY_MS);
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.sweeps.stop();
  }

  /** @returns how many records were removed */
  sweep(): Promise<number> {
    return this.sweeps.run();
  }

  private async remove(): Promise<number> {
    const time = new Date(this.clock.now() - this.config.retentionDays * DAY_MS).toISOString();
    const before = startOf(time, 'day');
    try {
      const records = await this.repository.removeBefore(before);
      await this.refusals.removeBefore(before);
      if (records > 0) this.logger.info('usage_removed', { records, before });
      return records;
    } catch (error) {
      this.logger.warn('usage_not_removed', errorFields(error));
      return 0;
    }
  }
}
