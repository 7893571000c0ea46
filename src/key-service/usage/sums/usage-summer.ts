import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { errorFields, Logger } from '../../../platform/logging/logger.js';
import { RepeatedWork } from '../../../platform/repeated-work.js';
import { UsageSumsRepository } from './usage-sums.repository.js';

const EVERY_MS = 60_000;

/**
 * Sums up records that an earlier release wrote, before an upgrade or during one, at start and once a minute. What this
 * release writes is summed up as it is written.
 */
@Injectable()
export class UsageSummer implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly runs = new RepeatedWork(() => this.sumUpAll());

  constructor(
    private readonly sums: UsageSumsRepository,
    private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.runs.start(EVERY_MS);
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.runs.stop();
  }

  /** @returns how many records this call summed up, once one that is under way has ended */
  sumUp(): Promise<number> {
    return this.runs.run();
  }

  private async sumUpAll(): Promise<number> {
    let total = 0;
    try {
      for (let more = true; more && !this.runs.stopping; await nextTurn()) {
        const batch = await this.sums.addUnsummed();
        total += batch.records;
        more = batch.more;
      }
    } catch (error) {
      this.logger.warn('usage_not_summed', errorFields(error));
    }
    if (total > 0) this.logger.info('usage_summed', { records: total });
    return total;
  }
}
