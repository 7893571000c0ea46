import type { KeyFactName } from '../../contracts/key-facts.js';
import { ENVIRONMENTS, MAX_OVERLAP_SECONDS } from '../../contracts/key-management.js';
import { MAX_GRANT_NAME, MAX_GRANTS } from '../../contracts/grants.js';
import { SCOPE_LEVELS, SCOPES } from '../../contracts/scopes.js';
import { MAX_USAGE_BATCH, MAX_USAGE_ROWS, USAGE_SOURCES } from '../../contracts/usage.js';
import { AUDIT_ACTIONS } from '../audit/audit-writer.js';
import { UNPRINTABLE } from '../request-fields/field-validators.js';
import {
  MAX_ADDRESSES,
  MAX_EXPIRY_DAYS,
  MAX_LIMIT,
  MAX_NAME,
  MAX_USER_ID,
  SERVICE_ID,
} from '../keys/key-bounds.js';
import { MAX_ENDPOINT, MAX_RESPONSE_TIME_MS } from '../usage/usage-bounds.js';

/** JSON Schema (2020-12) of everything that the key service takes and gives, as OpenAPI 3.1 has it. */
export type Schema = Record<string, unknown>;

export const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });

const nullable = (schema: Schema): Schema => ({ anyOf: [schema, { type: 'null' }] });
const object = (required: readonly string[], properties: Record<string, Schema>, closed = true): Schema => ({
  type: 'object',
  required,
  properties,
  ...(closed && { additionalProperties: false }),
});

const PRINTABLE = UNPRINTABLE.source.replace('[', '[^');

/** One line of printable text, not only blanks. */
export const text = (maxLength: number): Schema => ({
  type: 'string',
  minLength: 1,
  maxLength,
  pattern: `^${PRINTABLE}*\\S${PRINTABLE}*$`,
});
export const uuid: Schema = { type: 'string', format: 'uuid' };
export const time: Schema = { type: 'string', format: 'date-time' };
export const serviceId: Schema = { type: 'string', pattern: SERVICE_ID.source };
export const environment: Schema = { type: 'string', enum: ENVIRONMENTS };
export const auditAction: Schema = { type: 'string', enum: AUDIT_ACTIONS };
export const period: Schema = { type: 'string', enum: ['hour', 'day'] };

const count: Schema = { type: 'integer', minimum: 0 };
const limit: Schema = { type: 'integer', minimum: 1, maximum: MAX_LIMIT };
const scopes: Schema = {
  type: 'array',
  maxItems: SCOPES.length,
  uniqueItems: true,
  items: { type: 'string', enum: SCOPES },
};
const addresses: Schema = {
  type: 'array',
  minItems: 1,
  maxItems: MAX_ADDRESSES,
  uniqueItems: true,
  items: { type: 'string', description: 'Address or CIDR block', examples: ['192.0.2.7', '10.0.0.0/8'] },
};

const grantOf = (levels: readonly string[], by: string, value: Schema): Schema =>
  object([by, 'level'], { [by]: value, level: { type: 'string', enum: levels } });
const grantName: Schema = { type: 'string', minLength: 1, maxLength: MAX_GRANT_NAME };
const named = (levels: readonly string[]): Schema => ({
  type: 'array',
  maxItems: MAX_GRANTS,
  items: grantOf(levels, 'name', grantName),
});
const grants: Schema = {
  ...object([], {
    experiments: {
      type: 'array',
      maxItems: MAX_GRANTS,
      items: {
        anyOf: [
          grantOf(SCOPE_LEVELS, 'id', { type: 'string', pattern: '^(0|[1-9][0-9]{0,18})$' }),
          grantOf(SCOPE_LEVELS, 'name', grantName),
        ],
      },
    },
    models: named(SCOPE_LEVELS),
    prompts: named(SCOPE_LEVELS),
    endpoints: named(['invoke']),
    workspaces: { type: 'array', maxItems: MAX_GRANTS, items: grantName },
  }),
  description: `What of MLflow the key may use, beside its scopes: at most ${MAX_GRANTS} entries in all; "*" in a name stands for any characters`,
};

const limits = {
  rate_limit_per_hour: nullable(limit),
  burst: nullable(limit),
  allowed_ips: nullable(addresses),
  grants: nullable(grants),
};

const apiKey: Schema = { type: 'string', description: 'The key, shown here and never again' };

/** What is said of a key to whoever validates it, and to its administrator too. */
const keyFacts: Record<KeyFactName, Schema> = {
  key_id: uuid,
  user_id: nullable({ type: 'string' }),
  service_id: { type: 'string' },
  environment,
  scopes: { type: 'array', items: { type: 'string' } },
  rate_limit_per_hour: nullable(limit),
  burst: nullable(limit),
  allowed_ips: nullable({ type: 'array', items: { type: 'string' } }),
  expires_at: nullable(time),
  grants: nullable(grants),
};

const keyProperties: Record<string, Schema> = {
  ...keyFacts,
  key_prefix: { type: 'string' },
  name: { type: 'string' },
  created_at: time,
  last_used_at: nullable(time),
  revoked_at: nullable(time),
  is_active: { type: 'boolean' },
};

const usageRecord = {
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

export const SCHEMAS: Record<string, Schema> = {
  Problem: object(['type', 'title', 'status', 'detail', 'instance', 'error_code', 'message', 'request_id'], {
    type: { type: 'string', format: 'uri' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    instance: { type: 'string' },
    error_code: { type: 'string' },
    message: { type: 'string' },
    request_id: uuid,
    errors: {
      type: 'array',
      items: object(['field', 'message'], { field: { type: 'string' }, message: { type: 'string' } }),
    },
  }),
  CreateKey: object(['name', 'service_id'], {
    name: text(MAX_NAME),
    service_id: serviceId,
    user_id: nullable(text(MAX_USER_ID)),
    environment: nullable(environment),
    scopes: nullable(scopes),
    expires_at: nullable({
      ...time,
      description: 'In the future, at most 3,650 days away; not together with expires_in_days',
    }),
    expires_in_days: nullable({ type: 'integer', minimum: 1, maximum: MAX_EXPIRY_DAYS }),
    ...limits,
  }),
  UpdateKey: object([], { name: text(MAX_NAME), scopes, ...limits }),
  RotateKey: object([], { overlap_seconds: { type: 'integer', minimum: 0, maximum: MAX_OVERLAP_SECONDS } }),
  Key: object(Object.keys(keyProperties), keyProperties),
  CreatedKey: object(['api_key', ...Object.keys(keyProperties)], { api_key: apiKey, ...keyProperties }),
  KeyList: object(['keys', 'next_cursor'], {
    keys: { type: 'array', items: ref('Key') },
    next_cursor: nullable({ type: 'string' }),
  }),
  RotatedKey: object(['key_id', 'api_key', 'old_key_id', 'old_key_expires_at'], {
    key_id: uuid,
    api_key: apiKey,
    old_key_id: uuid,
    old_key_expires_at: time,
  }),
  ValidateKey: object(
    [],
    {
      api_key: nullable({ type: 'string', description: 'Unless the key is in the Authorization header' }),
      service_id: nullable({ type: 'string', maxLength: 100 }),
      client_ip: nullable(usageRecord.client_ip),
    },
    false,
  ),
  ValidKey: object(['valid', ...Object.keys(keyFacts)], { valid: { const: true }, ...keyFacts }),
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
  AuditEntry: object(
    ['seq', 'at', 'action', 'actor', 'key_id', 'request_id', 'client_ip', 'details', 'prev_hash', 'hash'],
    {
      seq: { type: 'integer', minimum: 1 },
      at: time,
      action: auditAction,
      actor: { type: 'string' },
      key_id: nullable({ type: 'string' }),
      request_id: nullable({ type: 'string' }),
      client_ip: nullable({ type: 'string' }),
      details: { type: 'object' },
      prev_hash: { type: 'string' },
      hash: { type: 'string' },
    },
  ),
  AuditList: object(['entries', 'next_cursor'], {
    entries: { type: 'array', items: ref('AuditEntry') },
    next_cursor: nullable({ type: 'string' }),
  }),
  AuditVerification: object(['valid', 'entries', 'broken_at_seq', 'head_hash'], {
    valid: { type: 'boolean' },
    entries: count,
    broken_at_seq: nullable({ type: 'integer' }),
    head_hash: { type: 'string' },
  }),
};
