import { IsInt, Max, Min } from 'class-validator';
import { Env } from '../../platform/config/env.js';
import { serviceUrlProblems } from './service-url.js';

/** Reporting of usage to a key service; off unless its URL is set. */
export class UsageReportConfig {
  @Env('USAGE_REPORT_URL', {
    about: 'Where usage is posted, such as https://auth.hokus.ai/api/v1/usage; unset: usage is not reported',
  })
  reportUrl: string | undefined = undefined;

  @Env('USAGE_FLUSH_INTERVAL_MS', { kind: 'integer', unit: 'ms', about: 'Longest time a usage record waits' })
  @IsInt()
  @Min(10)
  @Max(600_000)
  flushIntervalMs = 1000;

  @Env('USAGE_QUEUE_LIMIT', {
    kind: 'integer',
    unit: 'records',
    about:
      'Usage records held while the receiver is slow or unavailable; more of them are dropped and counted',
  })
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  queueLimit = 50_000;

  check(): string[] {
    return this.reportUrl === undefined
      ? []
      : serviceUrlProblems('USAGE_REPORT_URL', this.reportUrl, { query: true });
  }
}
