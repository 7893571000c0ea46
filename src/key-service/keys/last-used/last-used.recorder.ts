import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { Counter, Registry } from 'prom-client';
import { Clock } from '../../../platform/clock.js';
import { errorFields, Logger } from '../../../platform/logging/logger.js';
import { LifecycleConfig } from '../../config/lifecycle.config.js';
import { LastUsedRepository } from './last-used.repository.js';

/** Keeps the time of each key's last use, and writes it in batches, off the path of validation. */
@Injectable()
export class LastUsedRecorder implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private waiting = new Map<string, number>();
  private flushing: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;
  private readonly dropped: Counter;

  constructor(
    private readonly repository: LastUsedRepository,
    private readonly config: LifecycleConfig,
    private readonly clock: Clock,
    private readonly logger: Logger,
    registry: Registry,
  ) {
    this.dropped = new Counter({
      name: 'key_last_used_dropped_total',
      help: 'Uses of keys that were not recorded as their last, because too many waited to be written',
      registers: [registry],
    });
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.flush(), this.config.lastUsedFlushIntervalMs);
    this.timer.unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.flush();
  }

  /** @param atMs time of the use, now unless given; what lies ahead of this clock counts as now */
  used(keyId: string, atMs = this.clock.now()): void {
    const before = this.waiting.get(keyId);
    if (before === undefined && this.waiting.size >= this.config.lastUsedQueueLimit) this.dropped.inc();
    else this.waiting.set(keyId, Math.max(before ?? 0, Math.min(atMs, this.clock.now())));
  }

  /** Writes the waiting times. If that fails they wait for the next attempt, as far as there is room. */
  flush(): Promise<void> {
    this.flushing = this.flushing.then(async () => {
      if (this.waiting.size === 0) return;
      const batch = this.waiting;
      this.waiting = new Map();
      try {
        await this.repository.write(batch);
      } catch (error) {
        this.logger.warn('last_used_not_written', { keys: batch.size, ...errorFields(error) });
        for (const [keyId, atMs] of batch) this.used(keyId, atMs);
      }
    });
    return this.flushing;
  }
}
