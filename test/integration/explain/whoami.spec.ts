import { GatewayClient, ConfigurationError } from '../../../src/sdk/index.js';
import { startFakeAuthService, type FakeAuthService } from '../../support/servers/fake-auth-service.js';
import { startTestGateway, type TestGateway } from '../../support/systems/gateway.js';
import { metricOf } from '../../support/lib/metrics.js';
import { startRecordingUpstream, type RecordingUpstream } from '../../support/servers/recording-upstream.js';

const KEY = 'hk_live_0123456789abcdef0123456789abcdef';
const PLAIN = 'hk_live_fedcba9876543210fedcba9876543210';
const NONE = 'hk_live_aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbb';

describe('GET /whoami', () => {
  let auth: FakeAuthService;
  let mlflow: RecordingUpstream;
  let gateway: TestGateway;

  beforeAll(async () => {
    auth = await startFakeAuthService();
    auth.know(KEY, {
      valid: true,
      key_id: 'k1',
      user_id: 'ada',
      service_id: 'ml-platform',
      environment: 'production',
      scopes: ['experiment:write', 'model:read', 'experiment:fly', 'later:read'],
      expires_at: '2099-01-31T12:00:00Z',
      allowed_ips: ['127.0.0.0/8'],
      rate_limit_per_hour: 500,
      grants: { experiments: [{ id: '12', level: 'write' }] },
    });
    auth.know(PLAIN, { valid: true });
    auth.know(NONE, { valid: true, key_id: 'k3', scopes: [] });
    mlflow = await startRecordingUpstream();
    gateway = await startTestGateway({
      MLFLOW_SERVER_URL: mlflow.url,
      HOKUSAI_AUTH_SERVICE_URL: auth.url,
      RATE_LIMIT_SEARCHES_PER_MINUTE: '30',
    });
  });
  afterAll(() => Promise.all([gateway?.close(), mlflow?.close(), auth?.close()]));

  const ask = (key: string | undefined, path = '/whoami', init: RequestInit = {}): Promise<Response> =>
    fetch(gateway.url + path, {
      ...init,
      headers: { ...(key !== undefined && { authorization: `Bearer ${key}` }), ...init.headers },
    });

  it('says everything that the gateway knows of the key, but never the key', async () => {
    const response = await ask(KEY);
    const text = await response.text();
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(text).not.toContain(KEY);
    const none = null;
    expect(JSON.parse(text)).toEqual({
      key_id: 'k1',
      user_id: 'ada',
      service_id: 'ml-platform',
      environment: 'production',
      credential: 'bearer',
      scopes: ['experiment:write', 'model:read'],
      unknown_scopes: ['experiment:fly', 'later:read'],
      levels: {
        experiment: 'write',
        artifact: none,
        trace: none,
        model: 'read',
        prompt: none,
        dataset: none,
        scorer: none,
        review: none,
        job: none,
        gateway: none,
        mcp: none,
        workspace: none,
      },
      may_invoke: false,
      is_admin: false,
      may_use_unknown_routes: false,
      grants: { experiments: [{ id: '12', level: 'write' }] },
      limits: [
        {
          name: 'hour',
          counts: 'all',
          limit: 500,
          window_seconds: 3600,
          remaining: 499,
          reset_seconds: expect.any(Number) as number,
        },
        {
          name: 'burst',
          counts: 'all',
          limit: 1000,
          window_seconds: 10,
          remaining: 999,
          reset_seconds: expect.any(Number) as number,
        },
        {
          name: 'searches',
          counts: 'searches',
          limit: 30,
          window_seconds: 60,
          remaining: none,
          reset_seconds: none,
        },
      ],
      expires_at: '2099-01-31T12:00:00.000Z',
      allowed_ips: ['127.0.0.0/8'],
      client_ip: '127.0.0.1',
      cache: 'miss',
    });
  });

  it('is below every mount too, for keys of any scope, and never forwarded', async () => {
    for (const path of ['/whoami', '/mlflow/whoami', '/api/mlflow/whoami', '/api/mlflow/whoami?x=1'])
      for (const key of [KEY, PLAIN, NONE]) expect((await ask(key, path)).status).toBe(200);
    expect((await ask(PLAIN, '/whoami', { method: 'HEAD' })).status).toBe(200);
    expect(mlflow.requests).toHaveLength(0);
  });

  it('names the scope that counts where the auth service names none, and none for a key with an empty list', async () => {
    const plain = await (await ask(PLAIN)).json();
    expect(plain).toMatchObject({
      key_id: null,
      scopes: ['mlflow:access'],
      levels: { experiment: 'manage', mcp: 'manage' },
      may_invoke: true,
      is_admin: true,
      may_use_unknown_routes: true,
      grants: null,
      expires_at: null,
      allowed_ips: null,
    });
    expect(await (await ask(NONE)).json()).toMatchObject({
      scopes: [],
      levels: { experiment: null },
      is_admin: false,
    });
  });

  it('says how the key was known and in which place it came', async () => {
    await ask(PLAIN);
    const response = await fetch(`${gateway.url}/whoami`, { headers: { 'x-api-key': PLAIN } });
    expect(await response.json()).toMatchObject({ credential: 'x-api-key', cache: 'fresh' });
  });

  it.each([
    ['no key', undefined, 401],
    ['a key that nobody knows', 'hk_live_00000000000000000000000000000000', 401],
  ])('is closed to %s', async (_, key, status) => {
    for (const path of ['/whoami', '/mlflow/whoami']) expect((await ask(key, path)).status).toBe(status);
  });

  it('counts against the limits of the key', async () => {
    const left = async (): Promise<number> =>
      ((await (await ask(NONE)).json()) as { limits: { remaining: number }[] }).limits[0]
        ?.remaining as number;
    const before = await left();
    expect(await left()).toBe(before - 1);
  });

  it('is told apart in metrics and the log', async () => {
    await ask(PLAIN, '/mlflow/whoami');
    const series = 'http_request_duration_seconds_count{route="whoami",method="GET",status="200"}';
    expect(await metricOf(gateway, series)).toBeGreaterThan(0);
    expect(gateway.logs.of('request').at(-2)).toMatchObject({ route: 'whoami', path: '/mlflow/whoami' });
  });

  it('is a method of the SDK, which needs a key for it', async () => {
    const trackingUri = `${gateway.url}/api/mlflow`;
    const client = new GatewayClient({ apiKey: KEY, trackingUri, env: {} });
    expect(await client.whoami()).toMatchObject({ key_id: 'k1', scopes: ['experiment:write', 'model:read'] });
    await expect(new GatewayClient({ trackingUri, env: {} }).whoami()).rejects.toThrow(ConfigurationError);
  });

  it('is told by the SDK to be no gateway where something else answers', async () => {
    mlflow.answer((_, response) => void response.writeHead(200).end('{"status":"ok"}'));
    const client = new GatewayClient({ apiKey: KEY, trackingUri: mlflow.url, env: {} });
    await expect(client.whoami()).rejects.toThrow(/without a proper/);
  });
});
