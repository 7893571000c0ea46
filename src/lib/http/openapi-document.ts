import { ERROR_CATALOGUE } from '../../contracts/errors/error-codes.js';
import { PROBLEM_CONTENT_TYPE } from '../../contracts/errors/problem.js';

/** JSON Schema (2020-12), as OpenAPI 3.1 has it. */
export type Schema = Record<string, unknown>;

/** One operation of a server, before what all have in common is added. */
export interface Operation<Caller extends string> {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  readonly path: string;
  readonly id: string;
  readonly summary: string;
  readonly description?: string;
  /** Who may call it. */
  readonly caller: Caller;
  readonly query?: Record<string, Schema>;
  /** Schemas of parameters in the path that are no UUIDs. */
  readonly pathParameters?: Record<string, Schema>;
  /** Name of the body's schema. */
  readonly body?: string;
  readonly bodyRequired?: boolean;
  /** Media type of the body; JSON unless said. */
  readonly bodyType?: string;
  /** Status of success, and the name of its body's schema. */
  readonly success: readonly [status: number, schema?: string];
  /** Media type of that body; JSON unless said. */
  readonly successType?: string;
  /** Problems in addition to those that all operations of the caller share. */
  readonly problems?: readonly number[];
}

/** Parts that all operations of one kind of caller share. */
export interface CallerRules {
  /** Security requirements, as OpenAPI has them: any one is enough. */
  readonly security: readonly Record<string, readonly string[]>[];
  readonly problems: readonly number[];
}

export interface Interface<Caller extends string> {
  readonly title: string;
  readonly description: string;
  readonly operations: readonly Operation<Caller>[];
  readonly callers: Readonly<Record<Caller, CallerRules>>;
  readonly schemas: Readonly<Record<string, Schema>>;
  readonly securitySchemes: Readonly<Record<string, Schema>>;
}

export const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });
export const nullable = (schema: Schema): Schema => ({ anyOf: [schema, { type: 'null' }] });
/** @param closed whether other members are an error */
export const object = (
  required: readonly string[],
  properties: Record<string, Schema>,
  closed = true,
): Schema => ({
  type: 'object',
  required,
  properties,
  ...(closed && { additionalProperties: false }),
});
export const uuid: Schema = { type: 'string', format: 'uuid' };
export const time: Schema = { type: 'string', format: 'date-time' };

/** `ProblemBody`. */
export const PROBLEM_SCHEMA: Schema = object(
  ['type', 'title', 'status', 'detail', 'instance', 'error_code', 'message', 'request_id'],
  {
    type: { type: 'string', format: 'uri' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    instance: { type: 'string' },
    error_code: { type: 'string' },
    message: { type: 'string' },
    request_id: uuid,
    errors: {
      type: 'array',
      items: object(['field', 'message'], { field: { type: 'string' }, message: { type: 'string' } }),
    },
  },
);

const TITLES = new Map<number, string>(
  Object.values(ERROR_CATALOGUE).map((entry) => [entry.status, entry.title]),
);

/** A server's interface as an OpenAPI 3.1 document. `schemas` needs one named `Problem`. */
export function openApiDocument<Caller extends string>(
  described: Interface<Caller>,
): Record<string, unknown> {
  const { title, description, operations, callers, schemas, securitySchemes } = described;
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of operations)
    (paths[operation.path] ??= {})[operation.method] = toOperation(operation, callers[operation.caller]);
  return {
    openapi: '3.1.0',
    info: {
      title,
      version: '1',
      description,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths,
    components: { schemas, securitySchemes },
  };
}

function toOperation(operation: Operation<string>, caller: CallerRules): Record<string, unknown> {
  const { id, summary, description, body, bodyRequired = false, success, problems = [] } = operation;
  const statuses = [...new Set([...caller.problems, ...problems])].sort((a, b) => a - b);
  return {
    operationId: id,
    summary,
    ...(description !== undefined && { description }),
    security: caller.security,
    parameters: [...pathParameters(operation), ...queryParameters(operation.query ?? {})],
    ...(body !== undefined && {
      requestBody: {
        required: bodyRequired,
        content: content(operation.bodyType ?? 'application/json', body),
      },
    }),
    responses: {
      [success[0]]: {
        description: 'Done',
        ...(success[1] !== undefined && {
          content: content(operation.successType ?? 'application/json', success[1]),
        }),
      },
      ...Object.fromEntries(
        statuses.map((status) => [
          status,
          { description: TITLES.get(status) ?? 'Problem', content: content(PROBLEM_CONTENT_TYPE, 'Problem') },
        ]),
      ),
    },
  };
}

function content(type: string, schema: string): Record<string, { schema: Schema }> {
  return { [type]: { schema: ref(schema) } };
}

function pathParameters({ path, pathParameters: given = {} }: Operation<string>): Record<string, unknown>[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: given[name] ?? uuid,
  }));
}

function queryParameters(query: Record<string, Schema>): Record<string, unknown>[] {
  return Object.entries(query).map(([name, schema]) => ({ name, in: 'query', required: false, schema }));
}
