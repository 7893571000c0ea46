import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { Counter, Gauge, Registry } from 'prom-client';
import { Clock } from '../../platform/clock.js';
import { errorFields, Logger } from '../../platform/logging/logger.js';
import { RepeatedWork } from '../../platform/repeated-work.js';
import { NoticesConfig } from '../config/notices.config.js';
import type { KeyRecord } from '../records/key-record.js';
import { NoticesRepository, type Occasion } from './notices.repository.js';

const EVERY_MS = 600_000;

export const OCCASIONS: readonly Occasion[] = [
  { notice: 'expires-14d', days: 14, kind: 'expires' },
  { notice: 'expires-7d', days: 7, kind: 'expires' },
  { notice: 'expires-1d', days: 1, kind: 'expires' },
  { notice: 'unused-90d', days: 90, kind: 'unused' },
];

/**
 * Warns of keys that end soon and of unused keys, in the log and by webhook. Each occasion is warned of once, by the
 * first replica that sees it.
 */
@Injectable()
export class KeyNotices implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly looks = new RepeatedWork(() => this.lookAll());
  private readonly notices: Counter;

  constructor(
    private readonly repository: NoticesRepository,
    private readonly config: NoticesConfig,
    private readonly clock: Clock,
    private readonly logger: Logger,
    registry: Registry,
  ) {
    this.notices = new Counter({
      name: 'key_notices_total',
      help: 'Warnings of keys that this replica gave, by occasion',
      labelNames: ['notice'],
      registers: [registry],
    });
    new Gauge({
      name: 'key_notices_pending',
      help: 'Warnings that the webhook has not accepted yet',
      registers: [registry],
      async collect() {
        // Metrics are answered also while the database is down.
        this.set(await repository.pending().catch(() => Number.NaN));
      },
    });
  }

  onApplicationBootstrap(): void {
    this.looks.start(EVERY_MS);
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.looks.stop();
  }

  /**
   * Warns once of a key that is due for rotation if its policy only warns.
   *
   * @param the policy, with the maximum age in days
   */
  async rotationDue(key: KeyRecord, policy: { id: string; maxAgeDays: number }): Promise<void> {
    const now = new Date(this.clock.now()).toISOString();
    const notice = { notice: 'rotation-due', about: key.createdAt } as const;
    if (!(await this.repository.add(key.id, notice, now, this.dueAt(now)))) return;
    this.logger.warn('key_rotation_due', {
      ...{ key_id: key.id, user_id: key.userId, service_id: key.serviceId },
      ...{ created_at: key.createdAt, policy_id: policy.id, max_age_days: policy.maxAgeDays },
    });
    this.notices.inc({ notice: notice.notice });
  }

  /** @returns how many warnings this call gave, once one that is under way has ended */
  look(): Promise<number> {
    return this.looks.run();
  }

  private async lookAll(): Promise<number> {
    let total = 0;
    try {
      for (const occasion of OCCASIONS)
        for (let noted = 1; noted > 0; total += noted) noted = await this.warn(occasion);
    } catch (error) {
      this.logger.warn('key_notices_failed', errorFields(error));
    }
    return total;
  }

  private async warn(occasion: Occasion): Promise<number> {
    const now = new Date(this.clock.now()).toISOString();
    const keys = await this.repository.note(occasion, now, this.dueAt(now));
    for (const key of keys) this.tell(occasion, key);
    this.notices.inc({ notice: occasion.notice }, keys.length);
    return keys.length;
  }

  /** When the webhook is to be called; null if none is configured. */
  private dueAt(now: string): string | null {
    return this.config.webhookUrl === undefined ? null : now;
  }

  private tell({ kind, days }: Occasion, key: KeyRecord): void {
    const fields = { key_id: key.id, user_id: key.userId, service_id: key.serviceId, days };
    if (kind === 'expires') this.logger.warn('key_expires_soon', { ...fields, expires_at: key.expiresAt });
    else this.logger.warn('key_unused', { ...fields, last_used_at: key.lastUsedAt });
  }
}
