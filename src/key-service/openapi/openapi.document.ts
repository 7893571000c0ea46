import { ERROR_CATALOGUE } from '../../contracts/error-codes.js';
import { PROBLEM_CONTENT_TYPE } from '../../contracts/problem.js';
import { OPERATIONS, type Operation } from './operations.js';
import { ref, uuid, type Schema } from './schema-parts.js';
import { SCHEMAS } from './schemas.js';

/** Refusals and faults that every operation may answer with. */
const SHARED_PROBLEMS = [400, 401, 403, 413, 415, 429, 500, 503] as const;
/** The same for the one operation that is open to anyone. */
const OPEN_PROBLEMS = [429, 500, 503] as const;

const TITLES = new Map<number, string>(
  Object.values(ERROR_CATALOGUE).map((entry) => [entry.status, entry.title]),
);

/** The key service's interface as an OpenAPI 3.1 document. */
export function openApiDocument(): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of OPERATIONS)
    (paths[operation.path] ??= {})[operation.method] = toOperation(operation);
  return {
    openapi: '3.1.0',
    info: {
      title: 'MLflow gateway key service',
      version: '1',
      description: 'Issues, validates, rotates and revokes API keys, and tells who used what.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths,
    components: {
      schemas: SCHEMAS,
      securitySchemes: {
        adminToken: { type: 'http', scheme: 'bearer', description: 'A token of HOKUSAI_ADMIN_TOKEN' },
        serviceToken: { type: 'http', scheme: 'bearer', description: 'A token of SERVICE_TOKENS' },
      },
    },
  };
}

function toOperation(operation: Operation): Record<string, unknown> {
  const { id, summary, body, bodyRequired = false, success, problems = [], caller } = operation;
  const shared = caller === 'anyone' ? OPEN_PROBLEMS : SHARED_PROBLEMS;
  const statuses = [...new Set([...shared, ...problems])].sort((a, b) => a - b);
  return {
    operationId: id,
    summary,
    security: SECURITY[caller],
    parameters: [...pathParameters(operation.path), ...queryParameters(operation.query ?? {})],
    ...(body !== undefined && {
      requestBody: { required: bodyRequired, content: json('application/json', body) },
    }),
    responses: {
      [success[0]]: {
        description: 'Done',
        ...(success[1] !== undefined && { content: json('application/json', success[1]) }),
      },
      ...Object.fromEntries(
        statuses.map((status) => [
          status,
          { description: TITLES.get(status) ?? 'Problem', content: json(PROBLEM_CONTENT_TYPE, 'Problem') },
        ]),
      ),
    },
  };
}

const SECURITY: Record<Operation['caller'], Record<string, never[]>[]> = {
  admin: [{ adminToken: [] }],
  'admin-or-service': [{ adminToken: [] }, { serviceToken: [] }],
  anyone: [],
};

function json(type: string, schema: string): Record<string, { schema: Schema }> {
  return { [type]: { schema: ref(schema) } };
}

function pathParameters(path: string): Record<string, unknown>[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: uuid,
  }));
}

function queryParameters(query: Record<string, Schema>): Record<string, unknown>[] {
  return Object.entries(query).map(([name, schema]) => ({ name, in: 'query', required: false, schema }));
}
