import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { KeyNoticeMessage } from '../../contracts/admin/notices.js';
import { backOffMs } from '../../lib/back-off.js';
import { DAY_MS, HOUR_MS } from '../../lib/durations.js';
import { Clock } from '../../platform/clock.js';
import { errorFields, Logger } from '../../platform/logging/logger.js';
import { RepeatedWork } from '../../platform/repeated-work.js';
import { NoticesConfig } from '../config/notices.config.js';
import { OCCASIONS } from './key-notices.js';
import { NoticesRepository, type Notice } from './notices.repository.js';
import { postSigned } from './signed-post.js';

const POLL_EVERY_MS = 5000;
const TIMEOUT_MS = 5000;
/**
 * Longer than the longest send of a batch. If a replica dies while sending, the warnings are sent again after this
 * time.
 */
const LEASE_MS = 120_000;
const AT_ONCE = 10;
const BACK_OFF = { firstMs: 10_000, maxMs: HOUR_MS };

/** Posts warnings to the webhook and repeats them with growing pauses until it accepts them, also after a restart. */
@Injectable()
export class NoticeSender implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly sends = new RepeatedWork(() => this.sendAll());

  constructor(
    private readonly repository: NoticesRepository,
    private readonly config: NoticesConfig,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    if (this.config.webhookUrl !== undefined) this.sends.start(POLL_EVERY_MS);
  }

  onApplicationShutdown(): Promise<void> {
    return this.sends.stop();
  }

  /** Sends what is due. */
  send(): Promise<void> {
    return this.sends.run();
  }

  private async sendAll(): Promise<void> {
    try {
      while (!this.sends.stopping) {
        const due = await this.repository.claim(this.timeIn(0), this.timeIn(LEASE_MS), AT_ONCE);
        if (due.length === 0) return;
        for (const notice of due) await this.deliver(notice);
      }
    } catch (error) {
      this.logger.warn('key_notices_failed', errorFields(error));
    }
  }

  private async deliver(notice: Notice): Promise<void> {
    try {
      await this.post(notice);
    } catch (error) {
      const pauseMs = backOffMs(notice.attempts, BACK_OFF);
      const { attempts, key } = notice;
      const fields = { key_id: key.id, attempts, retry_in_ms: pauseMs };
      this.logger.warn('key_notice_not_delivered', { ...fields, ...errorFields(error) });
      await this.repository.putOff(notice.id, this.timeIn(pauseMs));
      return;
    }
    await this.repository.delivered(notice.id, this.timeIn(0));
  }

  private post(notice: Notice): Promise<void> {
    const { webhookUrl, webhookSecrets: secrets } = this.config;
    const message = { id: notice.id, body: JSON.stringify(messageOf(notice)), sentAtMs: this.clock.now() };
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    return postSigned(message, { url: webhookUrl as string, secrets, signal });
  }

  private timeIn(ms: number): string {
    return new Date(this.clock.now() + ms).toISOString();
  }
}

const TYPES = { expires: 'key.expires_soon', unused: 'key.unused' } as const;

function occasionOf({ notice, createdAt, key }: Notice): { type: KeyNoticeMessage['type']; days: number } {
  const occasion = OCCASIONS.find((one) => one.notice === notice);
  if (occasion) return { type: TYPES[occasion.kind], days: occasion.days };
  const ageMs = Date.parse(createdAt) - Date.parse(key.createdAt);
  return { type: 'key.rotation_due', days: Math.floor(ageMs / DAY_MS) };
}

function messageOf(notice: Notice): KeyNoticeMessage {
  const { createdAt, key } = notice;
  const { type, days } = occasionOf(notice);
  return {
    type,
    timestamp: createdAt,
    data: {
      key_id: key.id,
      key_prefix: key.prefix,
      name: key.name,
      user_id: key.userId,
      service_id: key.serviceId,
      environment: key.environment,
      days,
      expires_at: key.expiresAt,
      last_used_at: key.lastUsedAt,
    },
  };
}
