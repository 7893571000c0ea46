import type { Express } from 'express';
import { fileURLToPath } from 'node:url';
import type { AuditResponse } from '../../../src/contracts/admin/audit.js';
import { ROUTE_OPENAPI } from '../../../src/contracts/http/routes.js';
import { startProgram } from '../../support/programs/child-program.js';
import { isFullRun } from '../../support/run/full-run.js';
import { startKeyDatabases, type KeyDatabases } from '../../support/servers/key-databases.js';
import {
  startTestKeyService,
  TEST_ADMIN_TOKEN,
  type TestKeyService,
} from '../../support/systems/key-service.js';

const SCHEMATHESIS = fileURLToPath(new URL('../../../.cache/test-venv/bin/schemathesis', import.meta.url));
const SETTINGS = fileURLToPath(new URL('schemathesis.toml', import.meta.url));
/** Of each operation, beside the values at the bounds of every field, which are always the same thousands. */
const GENERATED_REQUESTS = isFullRun ? 12 : 4;
/** What must hold for every answer to any request. */
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_schema_conformance',
  'ignored_auth',
];

const NOBODY = '00000000-0000-4000-8000-000000000000';
const USED = {
  endpoint: 'GET /version',
  timestamp: new Date().toISOString(),
  response_time_ms: 1,
  status_code: 200,
  bytes_in: 0,
  bytes_out: 1,
};

interface Document {
  paths: Record<string, Record<string, { responses: object }>>;
}

describe('the OpenAPI document of the key service', () => {
  let databases: KeyDatabases;
  let service: TestKeyService;

  beforeAll(async () => {
    databases = await startKeyDatabases('sqlite');
    service = await startTestKeyService({
      DATABASE_URL: await databases.next(),
      ADMIN_FAILED_AUTH_PER_MINUTE: '1000000',
      RATE_LIMIT_FAILED_AUTH_PER_MINUTE: '1000000',
    });
  });

  afterAll(async () => {
    await service?.close();
    await databases?.close();
  });

  const document = async (): Promise<Document> =>
    (await (await fetch(service.url + ROUTE_OPENAPI)).json()) as Document;

  it('lists exactly the routes that the service has under /api', async () => {
    const { router } = service.app.getHttpAdapter().getInstance() as Express;
    const layers = (router as unknown as { stack: { route?: { path: string; methods: object } }[] }).stack;
    const served = layers
      .flatMap(({ route }) => (route ? Object.keys(route.methods).map((m) => `${m} ${route.path}`) : []))
      .filter((route) => route.includes(' /api/'))
      .map((route) => route.replace(/:(\w+)/g, '{$1}'));
    const described = Object.entries((await document()).paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    expect(described.sort()).toEqual([...new Set(served)].sort());
  });

  it('tells of a 404 exactly where an answer for a name that nobody has is one', async () => {
    const paths = Object.entries((await document()).paths);
    const described = paths.flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { responses }]) => ({
        call: `${method.toUpperCase()} ${path}`,
        has404: '404' in responses,
      })),
    );
    const answered = await Promise.all(
      described.map(async ({ call }) => {
        const [method, path] = call.split(' ') as [string, string];
        const body = method === 'GET' ? undefined : path.includes('/usage/') ? USED : {};
        const called = path.replace('/api/v1', '').replace(/\{\w+\}/, NOBODY);
        return { call, has404: (await service.call(method, called, body)).status === 404 };
      }),
    );
    expect(answered.filter(({ has404 }) => has404)).not.toEqual([]);
    expect(answered).toEqual(described);
  });

  it('is kept by every answer to generated requests: no 5xx, nothing undocumented', async () => {
    const program = startProgram(
      SCHEMATHESIS,
      [
        ...['--config-file', SETTINGS],
        'run',
        service.url + ROUTE_OPENAPI,
        ...['--checks', CHECKS.join(',')],
        ...[
          '--max-examples',
          String(GENERATED_REQUESTS),
          '--seed',
          '7',
          '--no-color',
          '--continue-on-failure',
        ],
        ...['--phases', 'examples,coverage,fuzzing', '--suppress-health-check', 'all'],
      ],
      { env: { PYTHONUNBUFFERED: '1', ADMIN_TOKEN: TEST_ADMIN_TOKEN } },
    );
    const code = await program.exited;
    expect({ code, output: code === 0 ? '' : program.output() }).toEqual({ code: 0, output: '' });
    // With a token that is not sent, every answer would be a documented 401.
    const { body } = await service.call<AuditResponse>('GET', '/audit');
    expect(body.entries).not.toEqual([]);
  }, 180_000);
});
