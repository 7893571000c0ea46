import type { KeyFactName } from '../../contracts/keys/key-facts.js';
import {
  KEY_STATUSES,
  MAX_KEY_SERVICES,
  MAX_OVERLAP_SECONDS,
  MAX_REVOKED_KEYS,
} from '../../contracts/keys/key-management.js';
import { MAX_DESCRIPTION, MAX_EXPIRY_DAYS, MAX_NAME, MAX_USER_ID } from '../keys/key-bounds.js';
import { grants } from './grant.schemas.js';
import {
  addresses,
  count,
  environment,
  limit,
  nullable,
  object,
  ref,
  scopes,
  serviceId,
  text,
  time,
  uuid,
  type Schema,
} from './schema-parts.js';
import { usageRecord } from './usage.schemas.js';

const limits = {
  rate_limit_per_hour: nullable(limit),
  burst: nullable(limit),
  searches_per_minute: nullable(limit),
  writes_per_minute: nullable(limit),
  allowed_ips: nullable(addresses),
  grants: nullable(grants),
};

const apiKey: Schema = { type: 'string', description: 'The key, shown here and never again' };

/** Facts of a key that both validations and administrators get. */
const keyFacts: Record<KeyFactName, Schema> = {
  key_id: uuid,
  user_id: nullable({ type: 'string' }),
  service_id: { type: 'string' },
  service_ids: { type: 'array', items: { type: 'string' } },
  environment,
  scopes: { type: 'array', items: { type: 'string' } },
  rate_limit_per_hour: nullable(limit),
  burst: nullable(limit),
  searches_per_minute: nullable(limit),
  writes_per_minute: nullable(limit),
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
  description: nullable({ type: 'string' }),
  created_by: nullable({ type: 'string' }),
  revoked_by: nullable({ type: 'string' }),
  revoke_reason: nullable({ type: 'string' }),
  rotated_from_id: nullable(uuid),
  rotated_to_id: nullable(uuid),
};

const serviceIds: Schema = {
  type: 'array',
  minItems: 1,
  maxItems: MAX_KEY_SERVICES,
  uniqueItems: true,
  items: serviceId,
};
const description = nullable(text(MAX_DESCRIPTION));

const facets: Schema = {
  type: 'array',
  items: object(['value', 'keys', 'active'], {
    value: nullable({ type: 'string' }),
    keys: count,
    active: count,
  }),
};
const facetProperties: Record<string, Schema> = {
  total: count,
  by_status: object(KEY_STATUSES, Object.fromEntries(KEY_STATUSES.map((status) => [status, count]))),
  expire_within_14_days: count,
  unused_for_30_days: count,
  services: facets,
  users: facets,
  environments: facets,
};

/** Of `/api/v1/keys`. */
export const KEY_SCHEMAS: Record<string, Schema> = {
  CreateKey: object(['name'], {
    name: text(MAX_NAME),
    service_id: { ...serviceId, description: 'A registered service; required without service_ids' },
    service_ids: serviceIds,
    user_id: nullable(text(MAX_USER_ID)),
    description,
    environment: nullable(environment),
    scopes: nullable(scopes),
    expires_at: nullable({
      ...time,
      description: 'In the future, at most 3,650 days away; not together with expires_in_days',
    }),
    expires_in_days: nullable({ type: 'integer', minimum: 1, maximum: MAX_EXPIRY_DAYS }),
    ...limits,
  }),
  UpdateKey: object([], {
    name: text(MAX_NAME),
    service_ids: serviceIds,
    scopes,
    user_id: nullable(text(MAX_USER_ID)),
    description,
    expires_at: {
      ...time,
      description: 'Earlier than the key ends now; later only for a key with a successor',
    },
    ...limits,
  }),
  RotateKey: object([], { overlap_seconds: { type: 'integer', minimum: 0, maximum: MAX_OVERLAP_SECONDS } }),
  Key: object(Object.keys(keyProperties), keyProperties),
  CreatedKey: object(['api_key', ...Object.keys(keyProperties)], { api_key: apiKey, ...keyProperties }),
  KeyList: object(['keys', 'total', 'next_cursor'], {
    keys: { type: 'array', items: ref('Key') },
    total: count,
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
  KeyFacets: object(Object.keys(facetProperties), facetProperties),
  KeyLineage: object(['keys'], {
    keys: {
      type: 'array',
      items: object([...Object.keys(keyProperties), 'last_used_from'], {
        ...keyProperties,
        last_used_from: nullable(object(['address', 'at'], { address: { type: 'string' }, at: time })),
      }),
    },
  }),
  RevokeKeys: object([], {
    key_ids: { type: 'array', minItems: 1, maxItems: MAX_REVOKED_KEYS, items: uuid },
    user_id: { ...text(MAX_USER_ID), description: 'All keys of an owner; not together with key_ids' },
    reason: nullable(text(MAX_DESCRIPTION)),
  }),
  RevokedKeys: object(['revoked', 'unchanged', 'unknown', 'remaining'], {
    revoked: { type: 'array', items: uuid },
    unchanged: { type: 'array', items: uuid },
    unknown: { type: 'array', items: uuid },
    remaining: count,
  }),
};
