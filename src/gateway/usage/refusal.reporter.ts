import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Counter, Registry } from 'prom-client';
import { MAX_REFUSAL_BATCH, type RefusalRecord } from '../../contracts/usage/refusals.js';
import { errorFields, Logger } from '../../platform/logging/logger.js';
import { AuthConfig } from '../config/auth.config.js';
import { UsageReportConfig } from '../config/usage-report.config.js';
import { RefusalFeed } from '../principal/refusal-feed.js';
import { RefusalCounts } from './refusal-counts.js';
import { ReportSender } from './report-sender.js';

const FLUSH_EVERY_MS = 10_000;
/** Different refusals that are counted separately between two reports. */
const MAX_KINDS = 2000;
/** Records that wait while the key service is unavailable; more of them are dropped and counted. */
const MAX_WAITING = 10_000;

/**
 * Reports refused keys to a key service, because they make no usage records: counted per minute, in batches, apart
 * from requests. It posts to `/refusals` next to the usage URL, and does nothing unless `USAGE_REPORT_URL` is set.
 */
@Injectable()
export class RefusalReporter implements OnModuleInit, OnApplicationShutdown {
  private readonly counts = new RefusalCounts(MAX_KINDS);
  private waiting: RefusalRecord[] = [];
  private readonly sender: ReportSender;
  private readonly outcomes: Counter;
  private timer: NodeJS.Timeout | undefined;
  private delivery: Promise<void> | undefined;
  /** Whether it was logged already that reports are not delivered. */
  private told = false;

  constructor(
    private readonly config: UsageReportConfig,
    auth: AuthConfig,
    private readonly feed: RefusalFeed,
    private readonly logger: Logger,
    registry: Registry,
  ) {
    this.sender = new ReportSender(auth.serviceToken);
    this.outcomes = new Counter({
      name: 'refusal_records_total',
      help: 'Records of refused keys by outcome: delivered, refused by the receiver, or dropped for want of room',
      labelNames: ['outcome'],
      registers: [registry],
    });
  }

  onModuleInit(): void {
    if (this.url === undefined) return;
    this.feed.onRefused((refused) => this.counts.count(refused));
    this.timer = setInterval(() => void this.flush(), FLUSH_EVERY_MS).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    if (this.url !== undefined) await this.flush();
    await this.sender.close();
  }

  /** Delivers what was counted; what the receiver does not take now waits for the next time. */
  flush(): Promise<void> {
    this.delivery ??= this.deliver().finally(() => (this.delivery = undefined));
    return this.delivery;
  }

  /** Beside `…/usage`; undefined where usage is not reported, or to another place. */
  private get url(): string | undefined {
    const { reportUrl } = this.config;
    return reportUrl !== undefined && /\/usage\/?$/.test(reportUrl)
      ? reportUrl.replace(/\/usage\/?$/, '/refusals')
      : undefined;
  }

  private async deliver(): Promise<void> {
    this.take(this.counts.take());
    while (this.waiting.length > 0) {
      const batch = this.waiting.slice(0, MAX_REFUSAL_BATCH);
      try {
        const status = await this.sender.post(this.url as string, { records: batch });
        if (status >= 500 || status === 429 || status === 401 || status === 403)
          throw new Error(`receiver answered ${status}`);
        this.waiting = this.waiting.slice(batch.length);
        const delivered = status >= 200 && status < 300;
        this.outcomes.inc({ outcome: delivered ? 'delivered' : 'refused' }, batch.length);
        if (delivered) this.told = false;
        else this.tell({ status });
      } catch (error) {
        this.tell(errorFields(error));
        return;
      }
    }
  }

  private take(records: readonly RefusalRecord[]): void {
    const room = Math.max(0, MAX_WAITING - this.waiting.length);
    this.waiting.push(...records.slice(0, room));
    if (records.length > room) this.outcomes.inc({ outcome: 'dropped' }, records.length - room);
  }

  private tell(fields: Record<string, unknown>): void {
    if (this.told) return;
    this.told = true;
    this.logger.warn('refusals_not_delivered', fields);
  }
}
