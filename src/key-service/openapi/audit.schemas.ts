import { AUDIT_ACTIONS } from '../audit/audit-writer.js';
import { MAX_ACTOR, MAX_REQUEST_ID } from '../audit/audit.fields.js';
import { count, nullable, object, ref, several, text, time, uuid, type Schema } from './schema-parts.js';

const auditAction: Schema = { type: 'string', enum: AUDIT_ACTIONS };

/** Query of `GET /audit`, without its pages. */
export const auditQuery: Record<string, Schema> = {
  from: time,
  to: time,
  key_id: uuid,
  action: several(auditAction, AUDIT_ACTIONS.length),
  actor: text(MAX_ACTOR),
  request_id: text(MAX_REQUEST_ID),
};

/** Of `/api/v1/audit`. */
export const AUDIT_SCHEMAS: Record<string, Schema> = {
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
