import {
  DEFAULT_SUGGESTION_DAYS,
  MAX_SUGGESTION_DAYS,
  SUGGESTION_GAPS,
} from '../../contracts/usage/grant-suggestion.js';
import { MAX_GRANT_NAME, MAX_GRANTS } from '../../contracts/access/grants.js';
import { SCOPE_LEVELS } from '../../contracts/access/scopes.js';
import { RESOURCE_KINDS } from '../../contracts/access/used-resources.js';
import { count, nullable, object, scopes, time, uuid, type Schema } from './schema-parts.js';

const experimentId: Schema = { type: 'string', pattern: '^(0|[1-9][0-9]{0,18})$' };
const grantOf = (levels: readonly string[], by: string, value: Schema): Schema =>
  object([by, 'level'], { [by]: value, level: { type: 'string', enum: levels } });
const grantName: Schema = { type: 'string', minLength: 1, maxLength: MAX_GRANT_NAME };
const named = (levels: readonly string[]): Schema => ({
  type: 'array',
  maxItems: MAX_GRANTS,
  items: grantOf(levels, 'name', grantName),
});
export const grants: Schema = {
  ...object([], {
    experiments: {
      type: 'array',
      maxItems: MAX_GRANTS,
      items: {
        anyOf: [grantOf(SCOPE_LEVELS, 'id', experimentId), grantOf(SCOPE_LEVELS, 'name', grantName)],
      },
    },
    models: named(SCOPE_LEVELS),
    prompts: named(SCOPE_LEVELS),
    endpoints: named(['invoke']),
    workspaces: { type: 'array', maxItems: MAX_GRANTS, items: grantName },
  }),
  description: `What of MLflow the key may use, beside its scopes: at most ${MAX_GRANTS} entries in all; "*" in a name stands for any characters`,
};

const kind: Schema = { type: 'string', enum: RESOURCE_KINDS };
const level: Schema = { type: 'string', enum: [...SCOPE_LEVELS, 'invoke'] };

/** One thing in a record of usage; one of `id` and `name` is there. */
export const usedResource: Schema = {
  ...object(['kind', 'level'], { kind, level, id: experimentId, name: grantName }),
  anyOf: [{ required: ['id'] }, { required: ['name'] }],
};

/** Query of `GET /keys/{id}/grant-suggestion`. */
export const suggestionQuery: Record<string, Schema> = {
  days: { type: 'integer', minimum: 1, maximum: MAX_SUGGESTION_DAYS, default: DEFAULT_SUGGESTION_DAYS },
};

const reason: Record<string, Schema> = {
  scope: nullable({ type: 'string' }),
  grant: nullable(
    object(['kind', 'by', 'value', 'level'], {
      kind,
      by: { type: 'string', enum: ['id', 'name'] },
      value: { type: 'string' },
      level,
    }),
  ),
  requests: count,
  last_used_at: time,
  because: { type: 'string' },
};
const gap: Record<string, Schema> = {
  gap: { type: 'string', enum: SUGGESTION_GAPS },
  requests: count,
  because: { type: 'string' },
};
const suggestion: Record<string, Schema> = {
  key_id: uuid,
  from: time,
  to: time,
  requests: count,
  scopes,
  grants: nullable(grants),
  reasons: { type: 'array', items: object(Object.keys(reason), reason) },
  gaps: { type: 'array', items: object(Object.keys(gap), gap) },
};

export const GRANT_SCHEMAS: Record<string, Schema> = {
  GrantSuggestion: object(Object.keys(suggestion), suggestion),
};
