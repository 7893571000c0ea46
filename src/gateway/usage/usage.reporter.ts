import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { Counter, Gauge, Registry } from 'prom-client';
import { MAX_USAGE_BATCH, type UsageBatchRequest } from '../../contracts/usage/usage.js';
import { FIELD_KEY_ID } from '../principal/key-log-fields.js';
import type { Indication } from '../../platform/observability/health-indicators.js';
import { errorFields, Logger } from '../../platform/logging/logger.js';
import { RequestLog, type FinishedRequest } from '../../platform/observability/request-log.js';
import { AuthConfig } from '../config/auth.config.js';
import { UsageReportConfig } from '../config/usage-report.config.js';
import { ReportSender } from './report-sender.js';
import { UsageQueue } from './usage-queue.js';
import { toRecord, type UseToReport } from './usage-record.js';

/** Longest time for deliveries when the gateway stops, because the orchestrator waits for the process to end. */
const LAST_DELIVERY_MS = 2000;
/** Failed deliveries are tried again after this many flush intervals, doubled each time. */
const MAX_BACKOFF_INTERVALS = 32;
/** Statuses that are about a batch, not about its sender. */
const BAD_CONTENT = new Set([400, 413, 422]);
/** Statuses that are about the sender's credential. */
const BAD_CREDENTIAL = new Set([401, 403]);

/** An answer that does not decide about the batch, so the batch waits. */
class NotTaken extends Error {
  constructor(readonly status: number) {
    super(`receiver answered ${status}`);
  }

  /** Whether the fault ends without a change by an operator. */
  get passing(): boolean {
    return this.status >= 500 || this.status === 429 || this.status === 408;
  }
}

/**
 * Reports usage to a key service, in batches, apart from requests. Every record has an id, so a batch that is
 * delivered twice counts once. While the receiver is unavailable, records wait up to a bound; beyond it they are
 * dropped and counted: no request waits for usage.
 */
@Injectable()
export class UsageReporter implements OnModuleInit, OnApplicationShutdown {
  private readonly queue: UsageQueue<UseToReport>;
  private readonly sender: ReportSender;
  private readonly outcomes: Counter;
  private readonly ending = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private delivery: Promise<boolean> | undefined;
  private failures = 0;
  /** Failures logged since the last successful batch: refusals by their status, undefined for temporary faults. */
  private readonly told = new Set<number | undefined>();
  private skip = 0;
  /** Records of the next batch: halved while the receiver refuses, so that one bad record does not cost the others. */
  private batchSize = MAX_USAGE_BATCH;

  constructor(
    private readonly config: UsageReportConfig,
    auth: AuthConfig,
    private readonly requests: RequestLog,
    private readonly logger: Logger,
    registry: Registry,
  ) {
    this.sender = new ReportSender(auth.serviceToken);
    const queue = (this.queue = new UsageQueue(config.queueLimit));
    this.outcomes = new Counter({
      name: 'usage_records_total',
      help: 'Usage records by outcome: delivered, refused by the receiver, or dropped for want of room',
      labelNames: ['outcome'],
      registers: [registry],
    });
    for (const outcome of ['delivered', 'refused', 'dropped']) this.outcomes.inc({ outcome }, 0);
    new Gauge({
      name: 'usage_queue_size',
      help: 'Usage records that wait for delivery',
      registers: [registry],
      collect() {
        this.set(queue.size);
      },
    });
  }

  onModuleInit(): void {
    if (this.config.reportUrl === undefined) return;
    this.requests.onFinished((finished) => this.take(finished));
    this.timer = setInterval(() => this.tick(), this.config.flushIntervalMs).unref();
  }

  /** For `/health/detailed`; undefined where nothing is reported. */
  indicate(): Indication | undefined {
    if (this.config.reportUrl === undefined) return undefined;
    return {
      status: this.failures === 0 ? 'up' : 'degraded',
      waiting: this.queue.size,
      waiting_limit: this.config.queueLimit,
      dropped: this.queue.dropped,
    };
  }

  /** Delivers what waits; what the receiver has not taken after two seconds is lost with the process. */
  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    const end = setTimeout(() => this.ending.abort(), LAST_DELIVERY_MS);
    await this.delivery;
    while (this.queue.size > 0 && !this.ending.signal.aborted && (await this.deliver()));
    clearTimeout(end);
    if (this.queue.size > 0) this.logger.warn('usage_lost_at_shutdown', { records: this.queue.size });
    await this.sender.close();
  }

  private take(finished: FinishedRequest): void {
    const { fields, ...rest } = finished;
    const keyId = fields.values[FIELD_KEY_ID];
    if (keyId === undefined || !finished.metered) return;
    const dropped = this.queue.dropped;
    this.queue.push({ ...rest, keyId, id: randomUUID() });
    if (this.queue.dropped !== dropped) this.outcomes.inc({ outcome: 'dropped' });
  }

  private tick(): void {
    if (this.delivery || this.queue.size === 0) return;
    if (this.skip > 0) {
      this.skip--;
      return;
    }
    this.delivery = this.drain().finally(() => (this.delivery = undefined));
  }

  private async drain(): Promise<boolean> {
    while (this.queue.size > 0) if (!(await this.deliver())) return false;
    return true;
  }

  /** One batch; false where it has to wait. */
  private async deliver(): Promise<boolean> {
    const batch = this.queue.peek(this.batchSize);
    try {
      const report: UsageBatchRequest = { records: batch.map(toRecord) };
      const status = await this.sender.post(this.config.reportUrl as string, report, this.ending.signal);
      const refused = BAD_CONTENT.has(status);
      if (!refused && (status < 200 || status >= 300)) throw new NotTaken(status);
      this.failures = 0;
      this.told.clear();
      if (refused && batch.length > 1) this.batchSize = Math.ceil(batch.length / 2);
      else this.settle(batch.length, status);
      return true;
    } catch (error) {
      this.skip = Math.min(MAX_BACKOFF_INTERVALS, 2 ** this.failures++);
      this.tell(error);
      return false;
    }
  }

  private tell(error: unknown): void {
    const status = error instanceof NotTaken && !error.passing ? error.status : undefined;
    if (this.told.has(status)) return;
    this.told.add(status);
    if (status === undefined) this.logger.warn('usage_delivery_failed', errorFields(error));
    else this.logger.error('usage_sender_refused', { status, message: adviceOn(status) });
  }

  /** Takes a batch out of the queue that the receiver has taken, or will never take. */
  private settle(records: number, status: number): void {
    this.queue.remove(records);
    this.batchSize = Math.min(MAX_USAGE_BATCH, this.batchSize * 2);
    this.outcomes.inc({ outcome: status < 300 ? 'delivered' : 'refused' }, records);
    if (status >= 300) this.logger.error('usage_refused', { status, records });
  }
}

function adviceOn(status: number): string {
  return BAD_CREDENTIAL.has(status)
    ? 'HOKUSAI_AUTH_SERVICE_TOKEN must be one of SERVICE_TOKENS of the key service: usage waits until it is'
    : 'USAGE_REPORT_URL does not take usage: check it; usage waits until then';
}
