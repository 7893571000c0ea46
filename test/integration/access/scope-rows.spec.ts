import { request } from 'node:http';
import { allRoutes } from '../../../src/gateway/mlflow-routes/route-table.js';
import type { Route } from '../../../src/gateway/mlflow-routes/route.js';
import { neededScope } from '../../../src/gateway/access/scopes/needed-scope.js';
import { startFakeAuthService, type FakeAuthService } from '../../support/fake-auth-service.js';
import { startTestGateway, type TestGateway } from '../../support/gateway.js';
import { startRecordingUpstream, type RecordingUpstream } from '../../support/recording-upstream.js';

/** A key for each case, with limits that no test reaches. */
const KEYS = {
  reader: ['mlflow:read'],
  writer: ['mlflow:write'],
  manager: ['mlflow:manage', 'gateway:invoke', 'admin'],
  none: [],
};
type Name = keyof typeof KEYS;
const keyOf = (name: Name): string => `key-of-${name}-0123456789`;

const routes = allRoutes().filter(({ family }) => family !== 'assistant');
const pathOf = ({ template }: Route): string => template.replace(/\{\w+(?::path)?\}/g, 'x1');

interface Reply {
  readonly status: number;
  readonly challenge: string | undefined;
  readonly message: string | undefined;
}

describe('every call of MLflow by keys with less than its scope', () => {
  let auth: FakeAuthService;
  let mlflow: RecordingUpstream;
  let gateway: TestGateway;

  beforeAll(async () => {
    auth = await startFakeAuthService();
    const limits = { rate_limit_per_hour: 1_000_000, burst: 1_000_000 };
    for (const [name, scopes] of Object.entries(KEYS))
      auth.know(keyOf(name as Name), { valid: true, key_id: name, scopes, ...limits });
    mlflow = await startRecordingUpstream();
    gateway = await startTestGateway({
      MLFLOW_SERVER_URL: mlflow.url,
      HOKUSAI_AUTH_SERVICE_URL: auth.url,
      ACCESS_UNKNOWN_ROUTES: 'deny',
      RATE_LIMIT_SEARCHES_PER_MINUTE: '100000',
      RATE_LIMIT_WRITES_PER_MINUTE: '100000',
    });
  });
  afterAll(async () => {
    await gateway?.close();
    await mlflow?.close();
    await auth?.close();
  });
  beforeEach(() => {
    mlflow.requests.length = 0;
  });

  function ask(name: Name, method: string, path: string): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const { hostname, port } = new URL(gateway.url);
      const headers = { authorization: `Bearer ${keyOf(name)}` };
      const sent = request({ hostname, port, method, path: `/mlflow${path}`, headers }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            challenge: response.headers['www-authenticate'],
            message:
              response.statusCode === 403 ? (JSON.parse(text) as { message: string }).message : undefined,
          }),
        );
      });
      sent.on('error', reject).end();
    });
  }

  /** Which of the calls went through, and that each refusal names what is missing. */
  async function opened(name: Name): Promise<string[]> {
    const through: string[] = [];
    for (const route of routes) {
      const before = mlflow.requests.length;
      const { status, challenge, message } = await ask(name, route.method, pathOf(route));
      const forwarded = mlflow.requests.length > before;
      if (forwarded) through.push(`${route.method} ${route.template}`);
      const { scope } = neededScope(route);
      expect({ call: pathOf(route), status, forwarded }).toEqual({
        call: pathOf(route),
        status: forwarded ? 200 : 403,
        forwarded,
      });
      if (forwarded) continue;
      expect(challenge).toBe(`Bearer realm="mlflow", error="insufficient_scope", scope="${scope}"`);
      for (const one of scope.split(' ')) expect(message).toContain(one);
    }
    return through;
  }

  const callsOf = (wanted: (route: Route, scope: string) => boolean): string[] =>
    routes
      .filter((route) => wanted(route, neededScope(route).scope))
      .map(({ method, template }) => `${method} ${template}`);

  it('a key that reads reads everything but what is for administrators, and changes nothing', async () => {
    const reads = callsOf(({ action }, scope) => action === 'read' && scope !== 'admin');
    expect(await opened('reader')).toEqual(reads);
    expect(reads.length).toBeGreaterThan(150);
  });

  it('a key that writes manages nothing and calls no model', async () => {
    const writes = callsOf(
      ({ action }, scope) => (action === 'read' || action === 'write') && scope !== 'admin',
    );
    expect(await opened('writer')).toEqual(writes);
  });

  it('a key with every scope but mlflow:access has every call that is known', async () => {
    expect(await opened('manager')).toEqual(callsOf(() => true));
  });

  it('a key without scopes has none', async () => {
    expect(await opened('none')).toEqual([]);
  });
});
