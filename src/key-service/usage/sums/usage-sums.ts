import type { UsageStatus } from '../../../contracts/usage/usage-series.js';
import { DAY_MS } from '../../../lib/durations.js';
import type {
  UsageByEndpointTable,
  UsageByKeyTable,
  UsageByOwnerTable,
  UsageRow,
  UsageSums,
} from '../../storage/database.schema.js';

/** What of a record is summed up, the service that its key is for, and its owner; empty for none. */
export type CountedUse = Pick<
  UsageRow,
  'api_key_id' | 'endpoint' | 'timestamp' | 'status_code' | 'bytes_in' | 'bytes_out'
> & { service_id: string; user_id: string };

export interface SummedUse {
  byEndpoint: UsageByEndpointTable[];
  byKey: UsageByKeyTable[];
  byOwner: UsageByOwnerTable[];
}

export function statusOf(statusCode: number): UsageStatus {
  if (statusCode < 400) return 'answered';
  if (statusCode === 429) return 'limited';
  return statusCode < 500 ? 'client_error' : 'server_error';
}

/** Sums of records for each hour and day, in the order of their keys: transactions that lock rows in one order never wait in a circle. */
export function sumUp(uses: readonly CountedUse[]): SummedUse {
  const byEndpoint = new Map<string, UsageByEndpointTable>();
  const byKey = new Map<string, UsageByKeyTable>();
  const byOwner = new Map<string, UsageByOwnerTable>();
  for (const use of uses)
    for (const period of ['day', 'hour'] as const) {
      const { service_id, endpoint, api_key_id, user_id } = use;
      const start = { period, period_start: startOf(use.timestamp, period) };
      add(byEndpoint, { ...start, service_id, endpoint }, use);
      add(byKey, { period, api_key_id, period_start: start.period_start }, use);
      add(byOwner, { ...start, user_id, service_id }, use);
    }
  return { byEndpoint: inOrder(byEndpoint), byKey: inOrder(byKey), byOwner: inOrder(byOwner) };
}

/** Start of the hour or day in UTC that a time is in; both as RFC 3339 in UTC with milliseconds. */
export function startOf(time: string, period: 'hour' | 'day'): string {
  return period === 'hour' ? `${time.slice(0, 13)}:00:00.000Z` : `${time.slice(0, 10)}T00:00:00.000Z`;
}

export const WEEK_MS = 7 * DAY_MS;
/** Day 0 of Unix time was a Thursday. */
const FIRST_MONDAY_MS = 4 * DAY_MS;

/** Monday of the week in UTC that a time is in, its first instant; both as RFC 3339 in UTC with milliseconds. */
export function weekOf(time: string): string {
  const weeks = Math.floor((Date.parse(time) - FIRST_MONDAY_MS) / WEEK_MS);
  return new Date(weeks * WEEK_MS + FIRST_MONDAY_MS).toISOString();
}

const NOTHING: UsageSums = {
  answered: 0,
  client_error: 0,
  limited: 0,
  server_error: 0,
  bytes_in: 0,
  bytes_out: 0,
};

function add<Row extends UsageSums>(
  rows: Map<string, Row>,
  key: Omit<Row, keyof UsageSums>,
  use: CountedUse,
): void {
  const name = JSON.stringify(Object.values(key));
  let row = rows.get(name);
  if (!row) rows.set(name, (row = { ...key, ...NOTHING } as Row));
  row[statusOf(use.status_code)]++;
  row.bytes_in += use.bytes_in;
  row.bytes_out += use.bytes_out;
}

function inOrder<Row>(rows: Map<string, Row>): Row[] {
  return [...rows.keys()].sort().map((name) => rows.get(name) as Row);
}
