import {
  DEFAULT_USAGE_SERIES,
  MAX_USAGE_SERIES,
  USAGE_GROUPINGS,
  USAGE_PERIODS,
  USAGE_STATUSES,
} from '../../contracts/usage/usage-series.js';
import { MAX_USAGE_BATCH, MAX_USAGE_ROWS, USAGE_SOURCES } from '../../contracts/usage/usage.js';
import { MAX_USER_ID } from '../keys/key-bounds.js';
import { MAX_RESOURCES_A_RECORD } from '../../contracts/access/used-resources.js';
import {
  MAX_ENDPOINT,
  MAX_MORE_RESOURCES,
  MAX_RESPONSE_TIME_MS,
  NEEDED_SCOPE,
} from '../usage/usage-bounds.js';
import { usedResource } from './grant.schemas.js';
import {
  count,
  nullable,
  object,
  period,
  ref,
  serviceId,
  text,
  time,
  uuid,
  type Schema,
} from './schema-parts.js';

export const usageRecord = {
  id: uuid,
  endpoint: text(MAX_ENDPOINT),
  timestamp: time,
  response_time_ms: { type: 'integer', minimum: 0, maximum: MAX_RESPONSE_TIME_MS },
  status_code: { type: 'integer', minimum: 100, maximum: 599 },
  bytes_in: { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
  bytes_out: { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
  client_ip: {
    anyOf: [
      { type: 'string', format: 'ipv4' },
      { type: 'string', format: 'ipv6' },
    ],
  },
  source: {
    type: 'string',
    enum: USAGE_SOURCES,
    description: "What the request came with: its key, or a browser's session",
  },
  needed_scope: {
    type: 'string',
    pattern: NEEDED_SCOPE.source,
    description: 'Scopes, separated by spaces; `any`, `unknown` or `none` where it needed none of its own',
  },
  resources: { type: 'array', maxItems: MAX_RESOURCES_A_RECORD, items: usedResource },
  more_resources: { type: 'integer', minimum: 0, maximum: MAX_MORE_RESOURCES },
};
const usageRequired = ['endpoint', 'timestamp', 'response_time_ms', 'status_code'];

const summaryProperties = {
  from: time,
  to: time,
  period,
  total_requests: count,
  total_session_requests: count,
  total_errors: count,
  rows: { type: 'array', maxItems: MAX_USAGE_ROWS, items: ref('UsageSummaryRow') },
  summed_up: nullable(
    object(['rows', 'requests', 'session_requests', 'errors', 'bytes_in', 'bytes_out'], {
      rows: count,
      requests: count,
      session_requests: count,
      errors: count,
      bytes_in: count,
      bytes_out: count,
    }),
  ),
};

/** Query of `GET /usage/series`. */
export const seriesQuery: Record<string, Schema> = {
  from: time,
  to: time,
  period: { type: 'string', enum: USAGE_PERIODS },
  group_by: { type: 'string', enum: USAGE_GROUPINGS, default: 'status' },
  top: { type: 'integer', minimum: 1, maximum: MAX_USAGE_SERIES, default: DEFAULT_USAGE_SERIES },
  status: {
    type: 'string',
    enum: USAGE_STATUSES,
    description: 'Counted in series and rest; all unless given',
  },
  key_id: uuid,
  user_id: text(MAX_USER_ID),
  service_id: serviceId,
};

const points: Schema = { type: 'array', items: count };
const seriesTotals = Object.fromEntries(
  ['requests', ...USAGE_STATUSES, 'bytes_in', 'bytes_out'].map((name) => [name, count]),
);
const seriesProperties = {
  from: time,
  to: time,
  period: { type: 'string', enum: USAGE_PERIODS },
  group_by: { type: 'string', enum: USAGE_GROUPINGS },
  totals: object(Object.keys(seriesTotals), seriesTotals),
  series: {
    type: 'array',
    maxItems: MAX_USAGE_SERIES,
    items: object(['group', 'name', 'requests', 'points'], {
      group: nullable({ type: 'string' }),
      name: nullable({ type: 'string' }),
      requests: count,
      points,
    }),
  },
  rest: nullable(object(['groups', 'requests', 'points'], { groups: count, requests: count, points })),
  complete: { type: 'boolean', description: 'False while records of an earlier release are being summed up' },
};

/** Of `/api/v1/usage`. */
export const USAGE_SCHEMAS: Record<string, Schema> = {
  UsageRecord: object(usageRequired, usageRecord),
  UsageBatch: object(['records'], {
    records: {
      type: 'array',
      maxItems: MAX_USAGE_BATCH,
      items: object(['key_id', ...usageRequired], { key_id: text(255), ...usageRecord }, false),
    },
  }),
  UsageAccepted: object(['accepted', 'dropped'], { accepted: count, dropped: count }),
  UsageSummaryRow: object(
    [
      'key_id',
      'endpoint',
      'period_start',
      'requests',
      'session_requests',
      'errors',
      'response_time_ms_p50',
      'response_time_ms_p95',
      'response_time_ms_p99',
      'bytes_in',
      'bytes_out',
    ],
    {
      key_id: uuid,
      endpoint: { type: 'string' },
      period_start: time,
      requests: count,
      session_requests: count,
      errors: count,
      response_time_ms_p50: count,
      response_time_ms_p95: count,
      response_time_ms_p99: count,
      bytes_in: count,
      bytes_out: count,
    },
  ),
  UsageSummary: object(Object.keys(summaryProperties), summaryProperties),
  KeyUsage: object([...Object.keys(summaryProperties), 'key_id', 'last_used_at', 'last_used_by'], {
    ...summaryProperties,
    key_id: uuid,
    last_used_at: nullable(time),
    last_used_by: {
      type: 'array',
      items: object(['address', 'at'], { address: { type: 'string' }, at: time }),
    },
  }),
  UsageSeries: object(Object.keys(seriesProperties), seriesProperties),
};
