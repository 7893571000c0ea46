import { count, EXPLAIN, EXPLAIN_KEY, EXPLANATION, limit, text } from './explain-schemas.js';
import type { WhoamiResponse } from '../../contracts/keys/access-explain.js';
import { MAX_INVALIDATED_KEYS } from '../../contracts/keys/invalidation.js';
import { SCOPE_FAMILIES, SCOPE_LEVELS } from '../../contracts/access/scopes.js';
import { nullable, object, PROBLEM_SCHEMA, ref, time, type Schema } from '../../lib/http/openapi-document.js';

const flag: Schema = { type: 'boolean' };
const texts: Schema = { type: 'array', items: text };
const checked: Schema = { type: 'string', enum: ['ok', 'failing'] };

const check = object(['status', 'http_status', 'duration_ms'], {
  status: checked,
  http_status: nullable({ type: 'integer' }),
  duration_ms: { type: 'number' },
});

const whoami: Record<keyof WhoamiResponse, Schema> = {
  key_id: nullable(text),
  user_id: nullable(text),
  service_id: nullable(text),
  environment: nullable(text),
  credential: { ...text, description: 'Where in the request the key was found, such as bearer' },
  scopes: { ...texts, description: 'Those that this gateway understands' },
  unknown_scopes: { ...texts, description: 'Those that open nothing' },
  levels: object(
    SCOPE_FAMILIES,
    Object.fromEntries(SCOPE_FAMILIES.map((family) => [family, { enum: [...SCOPE_LEVELS, null] }])),
  ),
  may_invoke: flag,
  is_admin: flag,
  may_use_unknown_routes: flag,
  grants: nullable({ type: 'object', description: 'Null: only the scopes decide' }),
  limits: { type: 'array', items: limit },
  expires_at: nullable(time),
  allowed_ips: nullable(texts),
  client_ip: text,
  cache: nullable({ ...text, description: 'How the key was known, such as fresh' }),
};

/** Everything that the gateway itself takes and gives. */
export const SCHEMAS: Record<string, Schema> = {
  Problem: PROBLEM_SCHEMA,
  Anything: {},
  Text: text,
  OpenApi: { type: 'object' },
  Status: object(['status'], { status: { type: 'string', enum: ['ok', 'ready'] } }),
  MlflowHealth: object(['status', 'checks'], {
    status: checked,
    checks: object(['connectivity', 'experiments_api', 'artifacts_api'], {
      connectivity: check,
      experiments_api: check,
      artifacts_api: check,
    }),
  }),
  DetailedHealth: object(['status', 'uptime_seconds', 'mlflow', 'parts'], {
    status: { type: 'string', enum: ['ok', 'degraded'] },
    uptime_seconds: count,
    mlflow: ref('MlflowHealth'),
    parts: {
      type: 'object',
      additionalProperties: object(
        ['status'],
        { status: { type: 'string', enum: ['up', 'degraded', 'down'] } },
        false,
      ),
    },
  }),
  Explain: EXPLAIN,
  ExplainKey: EXPLAIN_KEY,
  Explanation: EXPLANATION,
  Whoami: object(Object.keys(whoami), whoami),
  Invalidation: {
    ...object([], {
      key_id: text,
      key_ids: { type: 'array', minItems: 1, maxItems: MAX_INVALIDATED_KEYS, items: text },
      api_key: text,
    }),
    description: 'Exactly one of the three',
  },
  Invalidated: object(['invalidated_at'], { invalidated_at: time }),
  KeyLimits: object(['key_id', 'known', 'store', 'limits'], {
    key_id: text,
    known: flag,
    store: { type: 'string', enum: ['redis', 'local'] },
    limits: { type: 'array', items: limit },
  }),
  SignIn: object(['key'], { key: text, next: text }, false),
};
