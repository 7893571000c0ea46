import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { MAX_INVALIDATED_KEYS } from '../../contracts/keys/invalidation.js';
import { backOffMs } from '../../lib/back-off.js';
import { errorFields, Logger } from '../../platform/logging/logger.js';
import { InvalidationConfig } from '../config/invalidation.config.js';
import { INVALIDATION_LANES, type InvalidationLane } from '../storage/database.schema.js';
import { InvalidationMetrics } from './invalidation.metrics.js';
import { InvalidationSender } from './invalidation.sender.js';
import { Outbox } from './outbox.js';
import type { OutboxLane, OutboxMessage } from './outbox.repository.js';

/** Interval at which messages of other replicas, and messages that are due again, are found. */
const POLL_EVERY_MS = 500;
const BACKOFF_FIRST_MS = 200;
/** The end of a key is sent again soon, however many attempts have failed. */
const BACKOFF_MAX_MS = { revocation: 2000, change: 30_000 } satisfies Record<InvalidationLane, number>;

/**
 * Delivers the outbox: at once after a change, and again with growing pauses until each gateway has accepted it. Ended
 * keys have a separate lane for each gateway, so that they do not wait for other changes. All messages that are due in
 * a lane are sent together.
 */
@Injectable()
export class InvalidationDispatcher implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private closed = false;
  private readonly lanes: readonly OutboxLane[];
  private readonly running = new Map<OutboxLane, Promise<void>>();
  private readonly again = new Set<OutboxLane>();

  constructor(
    config: InvalidationConfig,
    private readonly outbox: Outbox,
    private readonly sender: InvalidationSender,
    private readonly metrics: InvalidationMetrics,
    private readonly logger: Logger,
  ) {
    this.lanes = config.urls.flatMap((url) => INVALIDATION_LANES.map((lane) => ({ url, lane })));
  }

  onApplicationBootstrap(): void {
    void this.forgetOthers();
    if (this.lanes.length === 0) return;
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

  /** Starts a delivery in every lane without one; so a slow gateway does not delay the others. */
  private wake(): void {
    for (const lane of this.lanes) {
      if (this.running.has(lane)) this.again.add(lane);
      else
        this.running.set(
          lane,
          this.drain(lane).finally(() => {
            this.running.delete(lane);
            if (this.again.delete(lane) && !this.closed) this.wake();
          }),
        );
    }
  }

  private async drain(lane: OutboxLane): Promise<void> {
    try {
      while (!this.closed) {
        const messages = await this.outbox.claim(lane, MAX_INVALIDATED_KEYS);
        if (messages.length === 0) return;
        await this.deliver(lane, messages);
      }
    } catch (error) {
      this.logger.warn('invalidation_outbox_unreadable', errorFields(error));
    }
  }

  private async deliver({ url, lane }: OutboxLane, messages: readonly OutboxMessage[]): Promise<void> {
    const keyIds = [...new Set(messages.map(({ keyId }) => keyId))];
    try {
      await this.sender.send(url, keyIds);
    } catch (error) {
      this.metrics.failed(messages.length);
      // The pause follows the newest message, so that it does not wait as long as older ones that have failed often.
      const attempts = Math.min(...messages.map((message) => message.attempts));
      const pauseMs = backOffMs(attempts, { firstMs: BACKOFF_FIRST_MS, maxMs: BACKOFF_MAX_MS[lane] });
      this.logger.warn('invalidation_not_delivered', {
        key_id: keyIds[0],
        keys: keyIds.length,
        lane,
        gateway: new URL(url).host,
        attempts,
        retry_in_ms: pauseMs,
        ...errorFields(error),
      });
      await this.outbox.putOff(messages, pauseMs);
      return;
    }
    for (const message of messages) this.metrics.delivered(message.createdAt);
    await this.outbox.remove(messages);
  }
}
