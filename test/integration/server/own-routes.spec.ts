import { DiscoveryService, Reflector } from '@nestjs/core';
import { adminOnlyPaths } from '../../../src/platform/route-access/admin-only-paths.js';
import { startFakeAuthService, type FakeAuthService } from '../../support/servers/fake-auth-service.js';
import { startTestGateway, type TestGateway } from '../../support/systems/gateway.js';
import { startRecordingUpstream, type RecordingUpstream } from '../../support/servers/recording-upstream.js';

const KEY = 'hk_test_0123456789abcdef0123456789abcdef';
const ADMIN = 'an-admin-token-for-tests';

describe("the gateway's own routes under other methods", () => {
  let auth: FakeAuthService;
  let mlflow: RecordingUpstream;
  let gateway: TestGateway;

  beforeAll(async () => {
    [auth, mlflow] = await Promise.all([startFakeAuthService(), startRecordingUpstream()]);
    auth.know(KEY, { valid: true, key_id: 'k1' });
    gateway = await start({ GATEWAY_ADMIN_TOKEN: ADMIN });
  });
  afterAll(() => Promise.all([gateway?.close(), mlflow?.close(), auth?.close()]));
  beforeEach(() => (mlflow.requests.length = 0));

  const start = (env: Record<string, string> = {}): Promise<TestGateway> =>
    startTestGateway({ MLFLOW_SERVER_URL: mlflow.url, HOKUSAI_AUTH_SERVICE_URL: auth.url, ...env });

  const ask = (
    method: string,
    path: string,
    headers: Record<string, string> = {},
    on = gateway,
  ): Promise<Response> => fetch(on.url + path, { method, headers, redirect: 'manual' });

  const withKey = { authorization: `Bearer ${KEY}` };

  const refusal = async (response: Response): Promise<unknown[]> => {
    const { type } = (await response.json()) as { type: string };
    return [response.status, type.split('/').at(-1), response.headers.get('allow')];
  };

  it.each([
    ['POST', '/health', 'GET, HEAD'],
    ['DELETE', '/health/live', 'GET, HEAD'],
    ['PUT', '/health/ready', 'GET, HEAD'],
    ['OPTIONS', '/health/mlflow', 'GET, HEAD'],
    ['POST', '/health/detailed', 'GET, HEAD'],
    ['POST', '/metrics', 'GET, HEAD'],
    ['PROPFIND', '/metrics/', 'GET, HEAD'],
    ['GET', '/internal/keys/invalidate', 'POST'],
    ['DELETE', '/internal/keys/invalidate?key_id=k1', 'POST'],
  ])('%s %s is told what is allowed, with a key and without', async (method, path, allow) => {
    for (const headers of [{}, withKey]) {
      const response = await ask(method, path, headers);
      expect(await refusal(response)).toEqual([405, 'method-not-allowed', allow]);
    }
    expect(mlflow.requests).toHaveLength(0);
  });

  it('a HEAD of what can only be posted is refused as well', async () => {
    const response = await ask('HEAD', '/internal/keys/invalidate');
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
  });

  const adminPaths = (): string[] =>
    adminOnlyPaths(gateway.app.get(DiscoveryService, { strict: false }), new Reflector());

  it('every route marked @AdminOnly() asks for the token and for no key, under its label', async () => {
    const calls = auth.calls.length;
    expect(adminPaths().sort()).toEqual([
      '/health/detailed',
      '/internal/keys/explain',
      '/internal/keys/invalidate',
      '/internal/keys/limits',
    ]);
    for (const path of adminPaths())
      for (const headers of [{}, withKey]) {
        const responses = await Promise.all(['GET', 'POST'].map((method) => ask(method, path, headers)));
        expect(responses.map(({ status }) => status).sort()).toEqual([401, 405]);
      }
    const lines = gateway.logs.of('request').filter(({ status }) => status === 401);
    expect(new Set(lines.map(({ route }) => route))).toEqual(new Set(['health_detailed', 'internal']));
    expect(auth.calls).toHaveLength(calls);
  });

  it('every route marked @AdminOnly() exists under no method where no token is set', async () => {
    const closed = await start();
    for (const path of adminPaths())
      for (const method of ['GET', 'POST', 'DELETE']) {
        const response = await ask(method, path, {}, closed);
        expect([method, path, ...(await refusal(response))]).toEqual([
          method,
          path,
          404,
          'endpoint-not-found',
          null,
        ]);
      }
    await closed.close();
  });

  it.each([
    '/',
    '/nowhere',
    '/healthX',
    '/health/live/x',
    '/internal',
    '/internal/keys',
    '/api',
    '/MLFLOW/x',
  ])('%s stays unknown under every method, whoever asks', async (path) => {
    const calls = auth.calls.length;
    for (const method of ['GET', 'POST', 'OPTIONS', 'PROPFIND'])
      for (const headers of [{}, withKey, { authorization: 'Bearer hk_test_nobody-knows-this-key' }])
        expect(await refusal(await ask(method, path, headers))).toEqual([404, 'endpoint-not-found', null]);
    expect(mlflow.requests).toHaveLength(0);
    expect(auth.calls).toHaveLength(calls);
  });

  it.each(['/mlflow', '/api/mlflow'])('%s takes every method, also beside a health route', async (mount) => {
    const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'];
    const targets = [
      ...methods.map((method) => [method, '/api/2.0/x']),
      ...methods.map((method) => [method, '/health']),
      ...methods.filter((method) => method !== 'GET').map((method) => [method, '/health/mlflow']),
    ] as [string, string][];
    for (const [method, path] of targets) expect((await ask(method, mount + path, withKey)).status).toBe(200);
    expect(mlflow.requests.map(({ method, url }) => [method, url])).toEqual(targets);
    for (const [method, path] of targets) expect((await ask(method, mount + path)).status).toBe(401);
    for (const method of methods) expect((await ask(method, mount, withKey)).status).toBe(308);
  });

  it.each(['/api/v1/auth', '/v1/auth/keys'])('%s is gone under every method', async (path) => {
    for (const method of ['GET', 'POST', 'OPTIONS', 'PROPFIND'])
      expect((await ask(method, path)).status).toBe(410);
  });
});
