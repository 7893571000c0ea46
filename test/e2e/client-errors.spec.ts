import { startFakeAuthService, type FakeAuthService } from '../support/servers/fake-auth-service.js';
import { eventually } from '../support/lib/eventually.js';
import { freePort } from '../support/programs/free-port.js';
import { startTestGateway, type TestGateway } from '../support/systems/gateway.js';
import { startPythonSession, type PythonSession } from '../support/programs/python-session.js';
import {
  sendJson,
  startRecordingUpstream,
  type RecordingUpstream,
} from '../support/servers/recording-upstream.js';
import { startRedisServer, type RedisServer } from '../support/servers/redis-server.js';
import { startWholeSystem, type WholeSystem } from '../support/systems/whole-system.js';

const SEARCH = '/api/mlflow/api/2.0/mlflow/experiments/search?max_results=1';
/** One read as a user of the client does it; without retries, so that its patience is not awaited. */
const READ = (key: string): string => `
os.environ["MLFLOW_TRACKING_TOKEN"] = ${JSON.stringify(key)}
result = len(mlflow.MlflowClient().search_experiments(max_results=1))
`;

/**
 * All that the client says of an answer that it has retried: it drops the body, and the status tells which part is
 * down.
 */
const gaveUpOn = (status: number): RegExp =>
  new RegExp(`^API request to http://127.0.0.1:\\d+/api/mlflow/.+too many ${status} error responses`);

interface Seen {
  status: number;
  headers: Headers;
  body: { detail?: string; message?: string; error_code?: string };
}

async function ask(gateway: TestGateway, key?: string): Promise<Seen> {
  const response = await fetch(gateway.url + SEARCH, {
    ...(key !== undefined && { headers: { authorization: `Bearer ${key}` } }),
  });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Seen['body'],
  };
}

describe('what an MLflow user reads about a key', () => {
  let system: WholeSystem;
  let python: PythonSession;

  beforeAll(async () => {
    system = await startWholeSystem();
    python = await startPythonSession({
      url: system.gateway.url,
      env: { MLFLOW_HTTP_REQUEST_MAX_RETRIES: '0' },
    });
  }, 300_000);

  afterAll(async () => {
    await python?.close();
    await system?.close();
  });

  it('a good one works', async () => {
    const { api_key } = await system.newKey();
    await expect(python.run(READ(api_key))).resolves.toBe(1);
  });

  it('none: "API key required", and how to give one', async () => {
    const { error } = await python.attempt(`
os.environ.pop("MLFLOW_TRACKING_TOKEN", None)
mlflow.MlflowClient().search_experiments()
`);
    expect(error?.type).toBe('mlflow.exceptions.RestException');
    expect(error?.message).toMatch(/^UNAUTHENTICATED: API key required.*MLFLOW_TRACKING_TOKEN/);
    const { status, headers } = await ask(system.gateway);
    expect(status).toBe(401);
    expect(headers.get('www-authenticate')).toBe('Bearer realm="mlflow"');
  });

  it('bad, expired or revoked: one and the same "Invalid or expired API key"', async () => {
    const soon = Date.now() + 2000;
    const expired = await system.newKey({ expires_at: new Date(soon).toISOString() });
    const revoked = await system.newKey();
    await expect(python.run(READ(revoked.api_key))).resolves.toBe(1);
    await system.revoke(revoked.key_id);
    await eventually(async () => (await ask(system.gateway, revoked.api_key)).status === 401, {
      timeoutMs: 1000,
    });
    await eventually(() => Date.now() > soon);

    const texts = new Set<string>();
    for (const key of ['hk_live_0123456789abcdef0123456789abcdef', expired.api_key, revoked.api_key]) {
      const { error } = await python.attempt(READ(key));
      expect(error?.type).toBe('mlflow.exceptions.RestException');
      texts.add(error?.message ?? '');
      const { status, headers, body } = await ask(system.gateway, key);
      expect({ status, detail: body.detail }).toEqual({ status: 401, detail: 'Invalid or expired API key' });
      expect(headers.get('www-authenticate')).toContain('error="invalid_token"');
    }
    expect([...texts]).toEqual([
      expect.stringMatching(/^UNAUTHENTICATED: Invalid or expired API key.*administrator/),
    ]);
  });

  it('without the scope: "The API key lacks a required scope"', async () => {
    const { api_key } = await system.newKey({ scopes: ['model:read'] });
    const { error } = await python.attempt(READ(api_key));
    expect(error?.message).toMatch(/^PERMISSION_DENIED: The API key lacks a required scope.*mlflow:access/);
  });

  it('from another network: "may not be used from this address"', async () => {
    const { api_key } = await system.newKey({ allowed_ips: ['10.0.0.0/8'] });
    const { error } = await python.attempt(READ(api_key));
    expect(error?.message).toMatch(/^PERMISSION_DENIED: The API key may not be used from this address/);
  });

  it('over its limit: "Rate limit exceeded", and when to come back', async () => {
    const { api_key } = await system.newKey({ rate_limit_per_hour: 2 });
    await ask(system.gateway, api_key);
    await ask(system.gateway, api_key);
    const { status, headers, body } = await ask(system.gateway, api_key);
    expect({ status, code: body.error_code }).toEqual({ status: 429, code: 'REQUEST_LIMIT_EXCEEDED' });
    expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    const { error } = await python.attempt(READ(api_key));
    expect(error?.message).toMatch(gaveUpOn(429));
  });
});

describe('what an MLflow user reads about an outage', () => {
  const KEY = 'hk_live_known_to_the_fake_service_0001';
  let auth: FakeAuthService;
  let mlflow: RecordingUpstream;
  let redis: RedisServer;
  let gateway: TestGateway;
  let python: PythonSession;
  let fresh = 0;
  /** A key that no cache knows yet. */
  const freshKey = (): string => `hk_live_never_seen_before_${String(++fresh).padStart(6, '0')}`;

  beforeAll(async () => {
    [auth, mlflow, redis] = await Promise.all([
      startFakeAuthService(),
      startRecordingUpstream(),
      startRedisServer(),
    ]);
    auth.know(KEY);
    gateway = await startTestGateway({
      HOKUSAI_AUTH_SERVICE_URL: auth.url,
      MLFLOW_SERVER_URL: mlflow.url,
      REDIS_URL: redis.url,
      AUTH_TIMEOUT_MS: '300',
      MLFLOW_HEADERS_TIMEOUT_SECONDS: '1',
      AUTH_RETRY_ATTEMPTS: '0',
      AUTH_BREAKER_FAILURES: '10000',
      RATE_LIMIT_FAILED_AUTH_PER_MINUTE: '100000',
    });
    python = await startPythonSession({ url: gateway.url, env: { MLFLOW_HTTP_REQUEST_MAX_RETRIES: '0' } });
    await ask(gateway, KEY);
  }, 120_000);

  beforeEach(() => {
    auth.override();
    mlflow.raw(undefined);
    mlflow.answer((_request, response) => sendJson(response, 200, { experiments: [] }));
    mlflow.requests.length = 0;
  });

  afterAll(async () => {
    await python?.close();
    await gateway?.close();
    await Promise.all([auth?.close(), mlflow?.close(), redis?.close()]);
  });

  const OUTAGES: [string, Parameters<FakeAuthService['override']>[0]][] = [
    ['breaks the connection', (_request, response) => response.destroy()],
    ['is too slow', () => undefined],
    [
      'answers HTML',
      (_request, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
    ],
    [
      'redirects to a login page',
      (_request, response) => response.writeHead(302, { location: '/login' }).end(),
    ],
    ['fails with 500', (_request, response) => sendJson(response, 500, { detail: 'boom' })],
    ['says 429', (_request, response) => sendJson(response, 429, {})],
    ['knows no such route', (_request, response) => sendJson(response, 404, {})],
  ];

  it.each(OUTAGES)(
    'an auth service that %s is 503 and never a refusal, and MLflow is left alone',
    async (_name, answer) => {
      auth.override(answer);
      const { status, headers, body } = await ask(gateway, freshKey());
      expect({ status, detail: body.detail, code: body.error_code }).toEqual({
        status: 503,
        detail: 'Authentication service unavailable',
        code: 'TEMPORARILY_UNAVAILABLE',
      });
      expect(headers.get('retry-after')).toMatch(/^([1-9]|[12]\d|30)$/);
      expect(headers.get('www-authenticate')).toBeNull();
      const { error } = await python.attempt(READ(freshKey()));
      expect(error?.type).toBe('mlflow.exceptions.MlflowException');
      expect(error?.message).toMatch(gaveUpOn(503));
      expect(error?.message).not.toContain(new URL(auth.url).port);
      expect(mlflow.requests).toEqual([]);
    },
  );

  it('a service that does not permit the key is 403, with whom to ask', async () => {
    auth.override((_request, response) => sendJson(response, 403, { detail: 'Forbidden' }));
    const { error } = await python.attempt(READ(freshKey()));
    expect(error?.message).toMatch(
      /^PERMISSION_DENIED: The authentication service does not permit.*administrator/,
    );
  });

  it('an address without /api/mlflow is 404, and which variable to look at', async () => {
    const { error } = await python.attempt(`
mlflow.set_tracking_uri(${JSON.stringify(gateway.url)})
try:
    mlflow.MlflowClient().search_experiments()
finally:
    mlflow.set_tracking_uri(${JSON.stringify(`${gateway.url}/api/mlflow`)})
`);
    expect(error?.message).toMatch(/^ENDPOINT_NOT_FOUND: No such endpoint.*MLFLOW_TRACKING_URI/);
  });

  it('a key that was good a moment ago goes on while the auth service is down', async () => {
    auth.override((_request, response) => response.destroy());
    await expect(python.run(READ(KEY))).resolves.toBe(0);
  });

  it('a lost Redis is not noticed', async () => {
    await redis.kill();
    await expect(python.run(READ(KEY))).resolves.toBe(0);
    const newKey = freshKey();
    auth.know(newKey);
    expect((await ask(gateway, newKey)).status).toBe(200);
    await redis.start();
  });

  it('an MLflow that breaks the connection is 502, without its address', async () => {
    mlflow.raw((_request, response) => void response.destroy());
    const { status, headers, body } = await ask(gateway, KEY);
    expect({ status, detail: body.detail }).toEqual({ status: 502, detail: 'MLflow could not be reached' });
    expect(headers.get('retry-after')).toBeNull();
    expect(JSON.stringify(body)).not.toContain(new URL(mlflow.url).port);
    const { error } = await python.attempt(READ(KEY));
    expect(error?.message).toMatch(gaveUpOn(502));
  });

  it('an MLflow that does not answer is 504, and no Retry-After takes the client’s own pauses away', async () => {
    mlflow.raw(() => undefined);
    const [{ status, headers, body }, { error }] = await Promise.all([
      ask(gateway, KEY),
      python.attempt(READ(KEY)),
    ]);
    expect({ status, code: body.error_code, detail: body.detail }).toEqual({
      status: 504,
      code: 'DEADLINE_EXCEEDED',
      detail: 'MLflow took too long to answer',
    });
    expect(headers.get('retry-after')).toBeNull();
    expect(error?.message).toMatch(gaveUpOn(504));
  });

  it('an MLflow that is not there is 502, and its return is noticed at once', async () => {
    const port = await freePort();
    const own = await startTestGateway({
      HOKUSAI_AUTH_SERVICE_URL: auth.url,
      MLFLOW_SERVER_URL: `http://127.0.0.1:${port}`,
    });
    expect((await ask(own, KEY)).status).toBe(502);
    const back = await startRecordingUpstream(undefined, port);
    expect((await ask(own, KEY)).status).toBe(200);
    await own.close();
    await back.close();
  });

  it('an error of MLflow’s own passes as it is', async () => {
    mlflow.answer((_request, response) =>
      sendJson(response, 404, {
        error_code: 'RESOURCE_DOES_NOT_EXIST',
        message: 'No experiment of that name',
      }),
    );
    const { error } = await python.attempt(READ(KEY));
    expect(error?.message).toBe('RESOURCE_DOES_NOT_EXIST: No experiment of that name');
  });
});
