import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { Counter, Gauge, Registry } from 'prom-client';
import { errorFields, Logger } from '../../../platform/logging/logger.js';
import { UsageRecordsConfig } from '../../config/usage-records.config.js';
import { UsageRepository } from './usage.repository.js';
import type { RecordedUse } from './used-rows.js';

/** Rows that are taken out of the queue at once. */
const BATCH = 1000;

/**
 * Keeps usage in a bounded queue and writes it apart from requests. If storage is slower than the reports, reports are
 * dropped and counted, so that they do not slow down validation.
 */
@Injectable()
export class UsageRecorder implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private queue: RecordedUse[] = [];
  private flushing: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;
  private readonly records: Counter;

  constructor(
    private readonly repository: UsageRepository,
    private readonly config: UsageRecordsConfig,
    private readonly logger: Logger,
    registry: Registry,
  ) {
    this.records = new Counter({
      name: 'usage_records_total',
      help: 'Usage records by outcome: written, dropped for want of room, or of an unknown key',
      labelNames: ['outcome'],
      registers: [registry],
    });
    for (const outcome of ['written', 'dropped', 'unknown_key']) this.records.inc({ outcome }, 0);
    const size = (): number => this.queue.length;
    new Gauge({
      name: 'usage_queue_size',
      help: 'Usage records that wait to be written',
      registers: [registry],
      collect() {
        this.set(size());
      },
    });
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.flush(), this.config.flushIntervalMs).unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.flush();
    if (this.queue.length > 0) this.logger.warn('usage_lost_at_shutdown', { records: this.queue.length });
  }

  /** @returns how many of the rows there was room for: the first ones */
  take(rows: readonly RecordedUse[]): number {
    const room = Math.max(0, this.config.queueLimit - this.queue.length);
    const taken = rows.slice(0, room);
    this.queue.push(...taken);
    if (taken.length < rows.length) this.records.inc({ outcome: 'dropped' }, rows.length - taken.length);
    return taken.length;
  }

  /** What waits to be written. */
  get waiting(): { records: number; limit: number } {
    return { records: this.queue.length, limit: this.config.queueLimit };
  }

  unknown(count: number): void {
    if (count > 0) this.records.inc({ outcome: 'unknown_key' }, count);
  }

  /** Writes the waiting records; if that fails they wait for the next attempt. */
  flush(): Promise<void> {
    this.flushing = this.flushing.then(() => this.writeAll());
    return this.flushing;
  }

  private async writeAll(): Promise<void> {
    while (this.queue.length > 0) {
      const batch = this.queue.slice(0, BATCH);
      try {
        await this.repository.insert(batch);
      } catch (error) {
        this.logger.warn('usage_not_written', { records: this.queue.length, ...errorFields(error) });
        return;
      }
      this.queue = this.queue.slice(batch.length);
      this.records.inc({ outcome: 'written' }, batch.length);
    }
  }
}
