import type {
  ExplainedFinding,
  ExplainedKey,
  ExplainKeyRequest,
  ExplainRequest,
  ExplainResponse,
  KeyLimit,
} from '../../contracts/keys/access-explain.js';
import { nullable, object, type Schema } from '../../lib/http/openapi-document.js';

export const text: Schema = { type: 'string' };
export const count: Schema = { type: 'integer', minimum: 0 };

const limitMembers: Record<keyof KeyLimit, Schema> = {
  name: text,
  counts: { type: 'string', enum: ['all', 'searches', 'writes'] },
  limit: count,
  window_seconds: { type: 'number' },
  remaining: nullable(count),
  reset_seconds: nullable({ type: 'number' }),
};
/** One limit of a key. */
export const limit = object(Object.keys(limitMembers), limitMembers);

const key: Record<keyof ExplainedKey, Schema> = {
  scopes: nullable({ type: 'array', items: text }),
  grants: nullable({ type: 'object', description: 'Null: only the scopes decide' }),
};

const request: Record<keyof ExplainRequest, Schema> = {
  method: { type: 'string', enum: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] },
  path: { ...text, description: 'With its query or without, with the mount or below it' },
  query: text,
  headers: { type: 'object', additionalProperties: text },
  body: { description: 'An object is sent as JSON, a string unchanged' },
  as: object(Object.keys(key), key),
};

const keyRequest: Record<keyof ExplainKeyRequest, Schema> = {
  method: request.method,
  path: request.path,
  query: request.query,
  headers: request.headers,
  body: request.body,
  key: {
    type: 'object',
    description:
      'The members that the answer of a validation may have; one that is left out restricts nothing',
  },
  client_ip: { ...text, description: 'If it is left out, the addresses of the key are not checked' },
};

const finding: Record<keyof ExplainedFinding, Schema> = {
  kind: text,
  id: text,
  at: { ...text, description: 'Place and path of members, such as query run_id' },
  level: text,
  owners: {
    type: 'array',
    items: object(['kind', 'id', 'name'], { kind: text, id: nullable(text), name: nullable(text) }),
  },
  how: { type: 'string', enum: ['named', 'cached', 'looked_up'] },
  grant: nullable(
    object(['kind', 'by', 'value', 'level'], { kind: text, by: text, value: text, level: text }),
  ),
};

const answer: Record<keyof ExplainResponse, Schema> = {
  decision: { type: 'string', enum: ['allowed', 'refused'] },
  refusal: nullable(
    object(['status', 'problem', 'message'], { status: { type: 'integer' }, problem: text, message: text }),
  ),
  route: nullable(
    object(['method', 'template', 'name', 'family', 'action'], {
      method: text,
      template: text,
      name: text,
      family: text,
      action: text,
    }),
  ),
  needed_scope: nullable(text),
  opened_by: { type: 'array', items: text },
  findings: { type: 'array', items: object(Object.keys(finding), finding) },
  forwarded: nullable({ type: 'string', enum: ['unchanged', 'restricted', 'answered_by_gateway'] }),
  limits: { type: 'array', items: limit },
};

export const EXPLAIN: Schema = object(['method', 'path'], request, false);
export const EXPLAIN_KEY: Schema = object(['method', 'path', 'key'], keyRequest, false);
export const EXPLANATION: Schema = object(Object.keys(answer), answer);
