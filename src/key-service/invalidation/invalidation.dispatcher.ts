import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { errorFields, Logger } from '../../platform/logging/logger.js';
import { InvalidationConfig } from '../config/invalidation.config.js';
import { InvalidationMetrics } from './invalidation.metrics.js';
import { InvalidationSender } from './invalidation.sender.js';
import { Outbox } from './outbox.js';
import type { OutboxMessage } from './outbox.repository.js';

/** Finds what another replica left behind, and what is due again. */
const POLL_EVERY_MS = 500;
const BATCH = 32;
const BACKOFF_FIRST_MS = 200;
const BACKOFF_MAX_MS = 30_000;

/** Delivers the outbox: at once after a change, and again with growing pauses until each gateway has taken it. */
@Injectable()
export class InvalidationDispatcher implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private closed = false;
  private readonly running = new Map<string, Promise<void>>();
  private readonly again = new Set<string>();

  constructor(
    private readonly config: InvalidationConfig,
    private readonly outbox: Outbox,
    private readonly sender: InvalidationSender,
    private readonly metrics: InvalidationMetrics,
    private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    void this.forgetOthers();
    if (this.config.urls.length === 0) return;
    this.outbox.onAdded(() => this.wake());
    this.timer = setInterval(() => this.wake(), POLL_EVERY_MS);
    this.timer.unref();
    this.wake();
  }

  /** Stops after the sends under way; what is left is delivered by the next start, or by another replica. */
  async onApplicationShutdown(): Promise<void> {
    this.closed = true;
    clearInterval(this.timer);
    await Promise.all(this.running.values());
  }

  private async forgetOthers(): Promise<void> {
    try {
      const messages = await this.outbox.forgetOthers();
      if (messages > 0) this.logger.warn('invalidations_dropped', { messages });
    } catch (error) {
      this.logger.warn('invalidation_outbox_unreadable', errorFields(error));
    }
  }

  /** Starts delivery to every gateway that has none under way; a slow one holds up no other. */
  private wake(): void {
    for (const url of this.config.urls) {
      if (this.running.has(url)) this.again.add(url);
      else
        this.running.set(
          url,
          this.drain(url).finally(() => {
            this.running.delete(url);
            if (this.again.delete(url) && !this.closed) this.wake();
          }),
        );
    }
  }

  private async drain(url: string): Promise<void> {
    try {
      while (!this.closed) {
        const messages = await this.outbox.claim(url, BATCH);
        if (messages.length === 0) return;
        await Promise.all(messages.map((message) => this.deliver(url, message)));
      }
    } catch (error) {
      this.logger.warn('invalidation_outbox_unreadable', errorFields(error));
    }
  }

  private async deliver(url: string, message: OutboxMessage): Promise<void> {
    try {
      await this.sender.send(url, message.keyId);
    } catch (error) {
      this.metrics.failed();
      const pauseMs = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** Math.min(message.attempts - 1, 10));
      this.logger.warn('invalidation_not_delivered', {
        key_id: message.keyId,
        gateway: new URL(url).host,
        attempts: message.attempts,
        retry_in_ms: pauseMs,
        ...errorFields(error),
      });
      await this.outbox.putOff(message, pauseMs);
      return;
    }
    this.metrics.delivered(message.createdAt);
    await this.outbox.remove(message);
  }
}
