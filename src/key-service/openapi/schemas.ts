import { PROBLEM_SCHEMA } from '../../lib/http/openapi-document.js';
import { AUDIT_SCHEMAS } from './audit.schemas.js';
import { GRANT_SCHEMAS } from './grant.schemas.js';
import { KEY_SCHEMAS } from './key.schemas.js';
import { REFUSAL_SCHEMAS } from './refusal.schemas.js';
import { ROTATION_SCHEMAS } from './rotation.schemas.js';
import { MAX_DESCRIPTION } from '../request-fields/shared-bounds.js';
import { count, nullable, object, ref, serviceId, text, time, type Schema } from './schema-parts.js';
import { USAGE_SCHEMAS } from './usage.schemas.js';

const service: Record<string, Schema> = {
  service_id: { type: 'string' },
  description: nullable({ type: 'string' }),
  created_at: time,
  created_by: { type: 'string' },
  keys: count,
  active_keys: count,
};

export const SCHEMAS: Record<string, Schema> = {
  Problem: PROBLEM_SCHEMA,
  ...KEY_SCHEMAS,
  ...GRANT_SCHEMAS,
  ...USAGE_SCHEMAS,
  ...AUDIT_SCHEMAS,
  ...REFUSAL_SCHEMAS,
  ...ROTATION_SCHEMAS,
  Service: object(Object.keys(service), service),
  Services: object(['services'], { services: { type: 'array', items: ref('Service') } }),
  RegisterService: object(['service_id'], {
    service_id: serviceId,
    description: nullable(text(MAX_DESCRIPTION)),
  }),
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
