import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import type { UsageAcceptedResponse, UsageSummaryResponse } from '../../contracts/usage.js';
import { ProblemError } from '../../lib/problem-error.js';
import { Clock } from '../../platform/clock.js';
import { utc } from '../request-fields/field-validators.js';
import type { ApiKeyUsageTable } from '../storage/database.schema.js';
import { rangeOf, type UsageRange } from './usage-range.js';
import { UsageSummaryRepository, type UsageFilter } from './usage-summary.repository.js';
import type { ReportedUsage, UsageQueryFields } from './usage.fields.js';
import { UsageRecorder } from './usage.recorder.js';
import { UsageRepository } from './usage.repository.js';

/** Rows of one summary; a caller that would get more is told to ask for less. */
const MAX_ROWS = 10_000;
const MAX_ADDRESSES = 20;

/** Takes usage records and sums them up. */
@Injectable()
export class UsageService {
  constructor(
    private readonly repository: UsageRepository,
    private readonly summaries: UsageSummaryRepository,
    private readonly recorder: UsageRecorder,
    private readonly clock: Clock,
  ) {}

  async accept(records: readonly ReportedUsage[]): Promise<UsageAcceptedResponse> {
    const known = await this.repository.known(records.map((record) => record.key_id));
    const rows = records.map(toRow).filter((row) => known.has(row.api_key_id));
    this.recorder.unknown(records.length - rows.length);
    const accepted = this.recorder.take(rows);
    return { accepted, dropped: records.length - accepted };
  }

  /** @throws ProblemError 400 for a range that gives more rows than one answer may hold */
  async summary(query: UsageQueryFields, filter: UsageFilter): Promise<UsageSummaryResponse> {
    const range = this.range(query);
    const [totals, rows] = await Promise.all([
      this.summaries.totals(range, filter),
      this.summaries.rows(range, filter, MAX_ROWS + 1),
    ]);
    if (rows.length > MAX_ROWS)
      throw new ProblemError('bad-request', {
        message: `The summary has more than ${MAX_ROWS} rows. Ask for a shorter range, for one key, or for period=day.`,
      });
    return { ...range, total_requests: totals.requests, total_errors: totals.errors, rows };
  }

  lastUsedBy(query: UsageQueryFields, keyId: string): Promise<{ address: string; at: string }[]> {
    return this.summaries.lastUsedBy(keyId, this.range(query), MAX_ADDRESSES);
  }

  private range(query: UsageQueryFields): UsageRange {
    return rangeOf(query, this.clock.now());
  }
}

function toRow(record: ReportedUsage): ApiKeyUsageTable {
  return {
    id: record.id?.toLowerCase() ?? randomUUID(),
    api_key_id: record.key_id.toLowerCase(),
    endpoint: record.endpoint,
    timestamp: utc(record.timestamp),
    response_time_ms: record.response_time_ms,
    status_code: record.status_code,
    bytes_in: record.bytes_in ?? 0,
    bytes_out: record.bytes_out ?? 0,
    client_ip: record.client_ip ?? null,
  };
}
