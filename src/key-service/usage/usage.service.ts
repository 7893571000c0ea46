import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import {
  MAX_USAGE_ROWS,
  type UsageAcceptedResponse,
  type UsageSummaryResponse,
  type UsageSummaryRow,
  type UsageSummedUp,
} from '../../contracts/usage/usage.js';
import { Clock } from '../../platform/clock.js';
import { LastUsedRecorder } from '../keys/last-used/last-used.recorder.js';
import { utc } from '../request-fields/field-validators.js';
import type { UsageRow } from '../storage/database.schema.js';
import { rangeOf, type UsageRange } from './usage-range.js';
import { UsageSummaryRepository, type UsageFilter, type UsageTotals } from './usage-summary.repository.js';
import { requireNearTimes } from './usage-times.js';
import type { ReportedUsage, UsageQueryFields } from './usage.fields.js';
import { UsageRecorder } from './records/usage.recorder.js';
import { UsageRepository } from './records/usage.repository.js';
import { usesOf, type RecordedUse } from './records/used-rows.js';

const MAX_ADDRESSES = 20;

/** Takes usage records and sums them up. */
@Injectable()
export class UsageService {
  constructor(
    private readonly repository: UsageRepository,
    private readonly summaries: UsageSummaryRepository,
    private readonly recorder: UsageRecorder,
    private readonly lastUsed: LastUsedRecorder,
    private readonly clock: Clock,
  ) {}

  /**
   * @param fieldOf name of a record's time in the request, for the refusal
   * @throws ProblemError 400 where the time of a record is far from now
   */
  async accept(
    records: readonly ReportedUsage[],
    fieldOf: (index: number) => string,
  ): Promise<UsageAcceptedResponse> {
    requireNearTimes(records, fieldOf, this.clock.now());
    const known = await this.repository.known(records.map((record) => record.key_id));
    const uses = records.map(toUse).filter(({ row }) => known.has(row.api_key_id));
    this.recorder.unknown(records.length - uses.length);
    for (const { row } of uses) this.lastUsed.used(row.api_key_id, Date.parse(row.timestamp));
    const accepted = this.recorder.take(uses);
    return { accepted, dropped: records.length - accepted };
  }

  async summary(query: UsageQueryFields, filter: UsageFilter): Promise<UsageSummaryResponse> {
    const range = this.range(query);
    const { totals, rows } = await this.summaries.rows(range, filter, MAX_USAGE_ROWS);
    return {
      ...range,
      total_requests: totals.requests,
      total_session_requests: totals.session_requests,
      total_errors: totals.errors,
      rows,
      summed_up: beyond(rows, totals),
    };
  }

  lastUsedBy(query: UsageQueryFields, keyId: string): Promise<{ address: string; at: string }[]> {
    return this.summaries.lastUsedBy(keyId, this.range(query), MAX_ADDRESSES);
  }

  /** For each key id: the address that used it last, and when. */
  lastAddresses(keyIds: readonly string[]): Promise<Map<string, { address: string; at: string }>> {
    return this.summaries.lastAddresses(keyIds);
  }

  private range(query: UsageQueryFields): UsageRange {
    return rangeOf(query, this.clock.now());
  }
}

/** The part of the totals that is not in the rows. */
function beyond(rows: readonly UsageSummaryRow[], totals: UsageTotals): UsageSummedUp | null {
  if (rows.length === totals.rows) return null;
  const rest = { ...totals, rows: totals.rows - rows.length };
  for (const row of rows)
    for (const column of ['requests', 'session_requests', 'errors', 'bytes_in', 'bytes_out'] as const)
      rest[column] -= row[column];
  return rest;
}

function toUse(record: ReportedUsage): RecordedUse {
  return { row: toRow(record), uses: usesOf(record) };
}

function toRow(record: ReportedUsage): UsageRow {
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
    source: record.source ?? null,
  };
}
