import { MAX_OVERLAP_SECONDS } from '../../contracts/keys/key-management.js';
import { MAX_POLICY_AGE_DAYS, ROTATION_DELIVERIES } from '../../contracts/keys/rotation-policies.js';
import { MAX_DESCRIPTION } from '../request-fields/shared-bounds.js';
import { SECRET_ID } from '../rotation/policies/rotation-policies.fields.js';
import {
  count,
  environment,
  nullable,
  object,
  ref,
  serviceId,
  text,
  time,
  uuid,
  type Schema,
} from './schema-parts.js';

const maxAge: Schema = { type: 'integer', minimum: 1, maximum: MAX_POLICY_AGE_DAYS };
const overlap: Schema = { type: 'integer', minimum: 0, maximum: MAX_OVERLAP_SECONDS };

const policy: Record<string, Schema> = {
  policy_id: uuid,
  key_id: nullable(uuid),
  service_id: nullable({ type: 'string' }),
  environment: nullable(environment),
  max_age_days: maxAge,
  overlap_seconds: overlap,
  delivery: nullable({ type: 'string', enum: ROTATION_DELIVERIES }),
  secret_id: nullable({ type: 'string' }),
  description: nullable({ type: 'string' }),
  created_at: time,
  created_by: { type: 'string' },
  warns_only: { type: 'boolean' },
  active_keys: count,
  due_keys: count,
  next_rotation_at: nullable(time),
  last_delivered_at: nullable(time),
};

const delivery: Record<string, Schema> = {
  delivery_id: uuid,
  policy_id: uuid,
  key_id: uuid,
  new_key_id: uuid,
  created_at: time,
  attempts: count,
  last_error: nullable({ type: 'string' }),
  next_attempt_at: time,
};

const terms: Record<string, Schema> = {
  max_age_days: { ...maxAge, description: 'The successor is made one overlap before a key is that old' },
  overlap_seconds: { ...overlap, description: 'Shorter than the longest age' },
  delivery: {
    ...nullable({ type: 'string', enum: ROTATION_DELIVERIES }),
    description: 'Where successors are handed to; without it the policy only warns',
  },
  secret_id: {
    ...nullable({ type: 'string', pattern: SECRET_ID.source }),
    description:
      'Name or ARN, only with aws-secrets-manager; {first_key_id} in it is replaced by the id of the first key of a line of rotations',
  },
  description: nullable(text(MAX_DESCRIPTION)),
};

/** Of `/api/v1/rotation-policies` and `/api/v1/rotation-deliveries`. */
export const ROTATION_SCHEMAS: Record<string, Schema> = {
  RotationPolicy: object(Object.keys(policy), policy),
  RotationPolicies: object(['policies'], { policies: { type: 'array', items: ref('RotationPolicy') } }),
  CreateRotationPolicy: object(['max_age_days'], {
    key_id: { ...nullable(uuid), description: 'One active key; not together with the two below' },
    service_id: { ...nullable(serviceId), description: 'A registered service' },
    environment: nullable(environment),
    ...terms,
  }),
  UpdateRotationPolicy: object([], terms),
  RotationDeliveries: object(['deliveries', 'total'], {
    deliveries: { type: 'array', items: object(Object.keys(delivery), delivery) },
    total: count,
  }),
};
