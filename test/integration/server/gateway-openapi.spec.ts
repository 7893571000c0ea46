import type { Express } from 'express';
import { OPERATIONS } from '../../../src/gateway/openapi/operations.js';
import {
  MLFLOW_MOUNTS,
  REMOVED_ROUTES,
  ROUTE_AUTHZ,
  ROUTE_OPENAPI,
} from '../../../src/contracts/http/routes.js';
import { startFakeAuthService, type FakeAuthService } from '../../support/servers/fake-auth-service.js';
import { startTestGateway, type TestGateway } from '../../support/systems/gateway.js';
import {
  sendJson,
  startRecordingUpstream,
  type RecordingUpstream,
} from '../../support/servers/recording-upstream.js';

const KEY = 'hk_test_0123456789abcdef0123456789abcdef';
const ADMIN = 'an-admin-token-for-tests';

type Schema = Record<string, unknown> & {
  $ref?: string;
  type?: string;
  required?: string[];
  properties?: Record<string, Schema>;
  additionalProperties?: unknown;
  items?: Schema;
  anyOf?: Schema[];
  enum?: unknown[];
};
interface Document {
  openapi: string;
  paths: Record<
    string,
    Record<string, { responses: Record<string, { content?: Record<string, { schema: Schema }> }> }>
  >;
  components: { schemas: Record<string, Schema>; securitySchemes: Record<string, unknown> };
}

describe('the OpenAPI document of the gateway', () => {
  let auth: FakeAuthService;
  let mlflow: RecordingUpstream;
  let gateway: TestGateway;
  let document: Document;

  beforeAll(async () => {
    [auth, mlflow] = await Promise.all([
      startFakeAuthService(),
      startRecordingUpstream((_request, response) => sendJson(response, 200, {})),
    ]);
    auth.know(KEY, { valid: true, key_id: 'k1' });
    gateway = await startTestGateway({
      MLFLOW_SERVER_URL: mlflow.url,
      HOKUSAI_AUTH_SERVICE_URL: auth.url,
      GATEWAY_ADMIN_TOKEN: ADMIN,
      AUTHZ_TRUSTED_PEERS: '127.0.0.1',
      TRUSTED_PROXY_HOPS: '1',
      SESSION_SECRETS: 'a-secret-of-sessions-of-the-tests',
    });
    document = (await (await fetch(gateway.url + ROUTE_OPENAPI)).json()) as Document;
  });
  afterAll(() => Promise.all([gateway?.close(), mlflow?.close(), auth?.close()]));

  it('lists exactly the routes that the gateway has', () => {
    const { router } = gateway.app.getHttpAdapter().getInstance() as Express;
    const { stack } = router as unknown as { stack: { route?: { path: string; methods: object } }[] };
    const mounted = [...MLFLOW_MOUNTS, ...REMOVED_ROUTES, ROUTE_AUTHZ];
    const served = stack
      .flatMap(({ route }) => (route ? Object.keys(route.methods).map((m) => `${m} ${route.path}`) : []))
      // What takes every method and every path below a place is described by its place.
      .filter((route) => !/\*path\}$/.test(route) && !mounted.some((mount) => route.endsWith(` ${mount}`)));
    const described = OPERATIONS.filter(({ path }) => !path.endsWith('}')).map(
      (o) => `${o.method} ${o.path}`,
    );
    expect([...new Set(described)].sort()).toEqual([...new Set(served)].sort());
    const places = new Set(OPERATIONS.filter(({ path }) => path.endsWith('}')).map(({ path }) => path));
    expect([...places].map((path) => path.replace(/\/\{\w+\}$/, '')).sort()).toEqual(mounted.toSorted());
  });

  it('names nothing that it does not have', () => {
    const text = JSON.stringify(document);
    const named = [...text.matchAll(/#\/components\/schemas\/(\w+)/g)].map(([, name]) => name ?? '');
    expect(named.filter((name) => !(name in document.components.schemas))).toEqual([]);
    const ids = OPERATIONS.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(document.openapi).toBe('3.1.0');
  });

  it.each([
    ['GET', '/health', 200, {}],
    ['GET', '/health/live', 200, {}],
    ['GET', '/health/ready', 200, {}],
    ['GET', '/health/mlflow', 200, {}],
    ['GET', '/api/mlflow/health/mlflow', 200, {}],
    ['GET', '/health/detailed', 200, { authorization: `Bearer ${ADMIN}` }],
    ['GET', '/health/detailed', 401, {}],
    ['GET', '/whoami', 200, { authorization: `Bearer ${KEY}` }],
    ['GET', '/mlflow/whoami', 401, {}],
    ['POST', '/internal/keys/invalidate', 202, { authorization: `Bearer ${ADMIN}` }],
    ['POST', '/internal/keys/invalidate', 401, {}],
  ])('is what %s %s answers with %d', async (method, path, status, headers) => {
    const answer = await fetch(gateway.url + path, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(method === 'POST' && { body: '{"key_id":"k2"}' }),
    });
    expect(answer.status).toBe(status);
    const described = document.paths[path]?.[method.toLowerCase()]?.responses[String(status)]?.content ?? {};
    const type = answer.headers.get('content-type')?.split(';')[0] ?? '';
    const schema = described[type]?.schema;
    expect(schema === undefined ? [type, Object.keys(described)] : []).toEqual([]);
    expect(faults(await answer.json(), schema ?? {}, '')).toEqual([]);
  });

  /** Where a value is not what its schema says: members that lack, are too many or have another type. */
  function faults(value: unknown, schema: Schema, place: string): string[] {
    if (schema.$ref !== undefined)
      return faults(value, document.components.schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {}, place);
    if (schema.anyOf !== undefined) {
      const tried = schema.anyOf.map((one) => faults(value, one, place));
      return tried.some((found) => found.length === 0) ? [] : (tried[0] ?? []);
    }
    if (schema.enum !== undefined) return schema.enum.includes(value) ? [] : [`${place}: ${String(value)}`];
    if (schema.type === 'array')
      return Array.isArray(value)
        ? value.flatMap((one, index) => faults(one, schema.items ?? {}, `${place}[${index}]`))
        : [`${place}: no list`];
    if (schema.type === 'object') return objectFaults(value, schema, place);
    const types: Record<string, boolean> = {
      string: typeof value === 'string',
      boolean: typeof value === 'boolean',
      integer: Number.isInteger(value),
      number: typeof value === 'number',
      null: value === null,
    };
    return schema.type === undefined || types[schema.type] ? [] : [`${place}: no ${schema.type}`];
  }

  function objectFaults(value: unknown, schema: Schema, place: string): string[] {
    if (typeof value !== 'object' || value === null) return [`${place}: no object`];
    const { properties = {}, required = [], additionalProperties } = schema;
    const missing = required.filter((name) => !(name in value)).map((name) => `${place}.${name}: missing`);
    const members = Object.entries(value).flatMap(([name, member]) => {
      const described =
        properties[name] ?? (typeof additionalProperties === 'object' ? additionalProperties : undefined);
      if (described) return faults(member, described as Schema, `${place}.${name}`);
      return additionalProperties === false ? [`${place}.${name}: not described`] : [];
    });
    return [...missing, ...members];
  }
});
