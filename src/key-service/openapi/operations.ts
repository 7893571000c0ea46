import { time, uuid, type Operation } from '../../lib/openapi-document.js';
import { MAX_USER_ID } from '../keys/key-bounds.js';
import { auditAction } from './audit.schemas.js';
import { environment, period, serviceId, text } from './schema-parts.js';
import { seriesQuery } from './usage.schemas.js';

/** Who calls the key service. */
type Caller = 'admin' | 'admin-or-service' | 'anyone';

const page = {
  limit: { type: 'integer', minimum: 1, maximum: 200, default: 50 },
  cursor: { type: 'string', description: '`next_cursor` of the answer before' },
};
const range = { from: time, to: time };

export const OPERATIONS: readonly Operation<Caller>[] = [
  {
    method: 'post',
    path: '/api/v1/keys',
    id: 'createKey',
    summary: 'Issue a key',
    caller: 'admin',
    body: 'CreateKey',
    bodyRequired: true,
    success: [201, 'CreatedKey'],
  },
  {
    method: 'get',
    path: '/api/v1/keys',
    id: 'listKeys',
    summary: 'List keys, latest first',
    caller: 'admin',
    query: {
      service_id: serviceId,
      user_id: text(MAX_USER_ID),
      environment,
      key_prefix: text(64),
      is_active: { type: 'string', enum: ['true', 'false'] },
      ...page,
    },
    success: [200, 'KeyList'],
  },
  {
    method: 'post',
    path: '/api/v1/keys/validate',
    id: 'validateKey',
    summary: 'Say whether a key is valid, and what it may do',
    caller: 'anyone',
    body: 'ValidateKey',
    success: [200, 'ValidKey'],
    problems: [400, 401, 403, 413, 415],
  },
  {
    method: 'get',
    path: '/api/v1/keys/{id}',
    id: 'getKey',
    summary: 'Show a key, without the key itself',
    caller: 'admin',
    success: [200, 'Key'],
    problems: [404],
  },
  {
    method: 'patch',
    path: '/api/v1/keys/{id}',
    id: 'updateKey',
    summary: 'Change name, scopes, limits or addresses; null takes a limit back to the default',
    caller: 'admin',
    body: 'UpdateKey',
    success: [200, 'Key'],
    problems: [404, 409],
  },
  {
    method: 'delete',
    path: '/api/v1/keys/{id}',
    id: 'revokeKey',
    summary: 'Revoke a key for good',
    caller: 'admin',
    success: [204],
    problems: [404],
  },
  {
    method: 'post',
    path: '/api/v1/keys/{id}/rotate',
    id: 'rotateKey',
    summary: 'Issue a successor; the old key stays valid for the overlap, never beyond its own expiry',
    caller: 'admin',
    body: 'RotateKey',
    success: [201, 'RotatedKey'],
    problems: [404, 409],
  },
  {
    method: 'get',
    path: '/api/v1/keys/{id}/usage',
    id: 'getKeyUsage',
    summary: 'What a key was used for, and from where',
    caller: 'admin',
    query: { ...range, period },
    success: [200, 'KeyUsage'],
    problems: [404],
  },
  {
    method: 'post',
    path: '/api/v1/usage',
    id: 'reportUsage',
    summary: 'Report what keys were used for',
    caller: 'admin-or-service',
    body: 'UsageBatch',
    bodyRequired: true,
    success: [202, 'UsageAccepted'],
  },
  {
    method: 'post',
    path: '/api/v1/usage/{key_id}',
    id: 'reportKeyUsage',
    summary: 'Report one use of a key',
    caller: 'admin-or-service',
    body: 'UsageRecord',
    bodyRequired: true,
    success: [202, 'UsageAccepted'],
    problems: [404],
  },
  {
    method: 'get',
    path: '/api/v1/usage/summary',
    id: 'summarizeUsage',
    summary: 'Requests, errors, response times and bytes by key, endpoint and period',
    caller: 'admin',
    query: { ...range, period, key_id: uuid, service_id: serviceId },
    success: [200, 'UsageSummary'],
  },
  {
    method: 'get',
    path: '/api/v1/usage/series',
    id: 'seriesOfUsage',
    summary:
      'Requests over time by status, key, endpoint, user or service: the largest groups, and the rest as one',
    caller: 'admin',
    query: seriesQuery,
    success: [200, 'UsageSeries'],
  },
  {
    method: 'get',
    path: '/api/v1/audit',
    id: 'listAudit',
    summary: 'What was done to keys, latest first',
    caller: 'admin',
    query: { ...range, key_id: uuid, action: auditAction, ...page },
    success: [200, 'AuditList'],
  },
  {
    method: 'get',
    path: '/api/v1/audit/verify',
    id: 'verifyAudit',
    summary: 'Check the hash chain of the audit log',
    caller: 'admin',
    success: [200, 'AuditVerification'],
  },
];
