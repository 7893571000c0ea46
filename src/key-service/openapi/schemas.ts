import { PROBLEM_SCHEMA } from '../../lib/openapi-document.js';
import { AUDIT_SCHEMAS } from './audit.schemas.js';
import { KEY_SCHEMAS } from './key.schemas.js';
import { REFUSAL_SCHEMAS } from './refusal.schemas.js';
import { count, nullable, object, time, type Schema } from './schema-parts.js';
import { USAGE_SCHEMAS } from './usage.schemas.js';

export const SCHEMAS: Record<string, Schema> = {
  Problem: PROBLEM_SCHEMA,
  ...KEY_SCHEMAS,
  ...USAGE_SCHEMAS,
  ...AUDIT_SCHEMAS,
  ...REFUSAL_SCHEMAS,
  Invalidations: object(['gateways'], {
    gateways: {
      type: 'array',
      items: object(['gateway', 'pending', 'revocations', 'oldest_at', 'attempts'], {
        gateway: { type: 'string' },
        pending: count,
        revocations: count,
        oldest_at: nullable(time),
        attempts: count,
      }),
    },
  }),
};
