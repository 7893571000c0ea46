import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { errorFields, Logger } from '../../platform/logging/logger.js';
import { UsageSumsRepository } from './usage-sums.repository.js';

const EVERY_MS = 60_000;

/**
 * Sums up records that an earlier release wrote, before an upgrade or during one, at start and once a minute. What this
 * release writes is summed up as it is written.
 */
@Injectable()
export class UsageSummer implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<number> | undefined;
  private closed = false;

  constructor(
    private readonly sums: UsageSumsRepository,
    private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.sumUp(), EVERY_MS).unref();
    void this.sumUp();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.closed = true;
    clearInterval(this.timer);
    await this.running;
  }

  /** @returns how many records this call, or the one under way, summed up */
  sumUp(): Promise<number> {
    this.running ??= this.sumUpAll().finally(() => (this.running = undefined));
    return this.running;
  }

  private async sumUpAll(): Promise<number> {
    let total = 0;
    try {
      for (let more = true; more && !this.closed; await nextTurn()) {
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
