import { MAX_REFUSAL_BATCH, MAX_REFUSAL_ROWS } from '../../contracts/usage/refusals.js';
import { USAGE_PERIODS } from '../../contracts/usage/usage-series.js';
import {
  MAX_COUNT,
  MAX_NETWORK,
  MAX_SHOWN_PREFIX,
  REFUSAL_REASON,
} from '../usage/refusals/refusals.fields.js';
import { count, nullable, object, ref, text, time, uuid, type Schema } from './schema-parts.js';

const reason: Schema = { type: 'string', pattern: REFUSAL_REASON.source };
const periods: Schema = { type: 'string', enum: USAGE_PERIODS };

/** Query of `GET /refusals/summary`. */
export const refusalQuery: Record<string, Schema> = { from: time, to: time, period: periods, reason };

const record = object(
  ['id', 'minute', 'reason', 'count'],
  {
    id: uuid,
    minute: time,
    reason,
    network: nullable(text(MAX_NETWORK)),
    key_prefix: nullable(text(MAX_SHOWN_PREFIX)),
    key_id: nullable(text(255)),
    count: { type: 'integer', minimum: 1, maximum: MAX_COUNT },
  },
  false,
);

const largest = (properties: Record<string, Schema>): Schema => ({
  type: 'array',
  maxItems: MAX_REFUSAL_ROWS,
  items: object([...Object.keys(properties), 'count', 'last_at'], { ...properties, count, last_at: time }),
});

const summary: Record<string, Schema> = {
  from: time,
  to: time,
  period: periods,
  total: count,
  reasons: {
    type: 'array',
    items: object(['reason', 'count', 'points'], {
      reason: { type: 'string' },
      count,
      points: { type: 'array', items: count },
    }),
  },
  networks: largest({ network: nullable({ type: 'string' }) }),
  prefixes: largest({ key_prefix: { type: 'string' } }),
  keys: largest({ key_id: { type: 'string' }, name: nullable({ type: 'string' }) }),
};

const keyLimit: Record<string, Schema> = {
  name: { type: 'string' },
  counts: { type: 'string' },
  limit: count,
  window_seconds: { type: 'number' },
  remaining: nullable(count),
  reset_seconds: nullable({ type: 'number' }),
};

/** Of `/api/v1/refusals`, and what gateways say of a key. */
export const REFUSAL_SCHEMAS: Record<string, Schema> = {
  RefusalBatch: object(['records'], {
    records: { type: 'array', maxItems: MAX_REFUSAL_BATCH, items: record },
  }),
  RefusalSummary: object(Object.keys(summary), summary),
  KeyLimit: object(Object.keys(keyLimit), keyLimit),
  GatewayLimits: object(['key_id', 'gateways'], {
    key_id: uuid,
    gateways: {
      type: 'array',
      items: object(['gateway', 'known', 'store', 'limits', 'fault'], {
        gateway: { type: 'string' },
        known: {
          type: 'boolean',
          description: 'Whether the replica that answered has served the key lately',
        },
        store: { type: 'string', enum: ['redis', 'local'] },
        limits: { type: 'array', items: ref('KeyLimit') },
        fault: nullable({ type: 'string' }),
      }),
    },
  }),
};
