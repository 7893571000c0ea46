import { eventually } from '../../support/lib/eventually.js';
import { startFakeAuthService, type FakeAuthService } from '../../support/servers/fake-auth-service.js';
import { startTestGateway, type TestGateway } from '../../support/systems/gateway.js';
import { startRecordingUpstream, type RecordingUpstream } from '../../support/servers/recording-upstream.js';
import { startRedisServer, type RedisServer } from '../../support/servers/redis-server.js';
import { metricsOf } from '../../support/lib/metrics.js';

const KEY = 'hk_live_0123456789abcdef0123456789abcdef';
const PATH = '/mlflow/api/2.0/mlflow/experiments/search';
const RATE_HEADERS = [
  'ratelimit',
  'ratelimit-policy',
  'x-ratelimit-limit',
  'x-ratelimit-remaining',
  'x-ratelimit-reset',
];

describe.each(['without Redis', 'with Redis'])('limits at the gateway, %s', (mode) => {
  let redis: RedisServer | undefined;
  let auth: FakeAuthService;
  let mlflow: RecordingUpstream;
  const gateways: TestGateway[] = [];

  beforeAll(async () => {
    if (mode === 'with Redis') redis = await startRedisServer();
    auth = await startFakeAuthService();
    mlflow = await startRecordingUpstream((_request, response) => {
      response.setHeader('x-ratelimit-limit', 'of MLflow');
      response.setHeader('ratelimit', 'of MLflow');
      response.end('{}');
    });
  });
  afterAll(async () => {
    await auth?.close();
    await mlflow?.close();
    await redis?.close();
  });
  afterEach(async () => {
    for (const gateway of gateways.splice(0)) await gateway.close();
  });

  async function start(env: Record<string, string> = {}): Promise<TestGateway> {
    const gateway = await startTestGateway({
      MLFLOW_SERVER_URL: mlflow.url,
      HOKUSAI_AUTH_SERVICE_URL: auth.url,
      // The machine that tests must not look like a slow Redis.
      ...(redis && { REDIS_URL: redis.url, REDIS_COMMAND_TIMEOUT_MS: '5000' }),
      ...env,
    });
    gateways.push(gateway);
    if (redis) await eventually(async () => (await metricsOf(gateway)).includes('redis_up 1'));
    return gateway;
  }

  function ask(gateway: TestGateway, key = KEY, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(gateway.url + PATH, { headers: { authorization: `Bearer ${key}`, ...headers } });
  }

  function rateHeaders(response: Response): (string | null)[] {
    return RATE_HEADERS.map((name) => response.headers.get(name));
  }

  it('stand on every proxied answer, in place of what MLflow says, and on the 429', async () => {
    auth.know(KEY, { valid: true, key_id: `k-${mode}`, rate_limit_per_hour: 100, burst: 2 });
    const gateway = await start();
    const first = await ask(gateway);
    expect(first.status).toBe(200);
    expect(first.headers.get('ratelimit-policy')).toBe('"hour";q=100;w=3600, "burst";q=2;w=10');
    expect(first.headers.get('ratelimit')).toMatch(/^"hour";r=99;t=36\d\d, "burst";r=1;t=1\d$/);
    expect(first.headers.get('x-ratelimit-limit')).toBe('2');
    expect(first.headers.get('x-ratelimit-remaining')).toBe('1');
    await ask(gateway);
    const before = mlflow.requests.length;
    const refused = await ask(gateway);
    expect(mlflow.requests.length).toBe(before);
    expect(refused.status).toBe(429);
    expect(refused.headers.get('content-type')).toBe('application/problem+json');
    expect(await refused.json()).toMatchObject({
      error_code: 'REQUEST_LIMIT_EXCEEDED',
      detail: 'Rate limit exceeded',
    });
    const [rateLimit, , limit, remaining, reset] = rateHeaders(refused);
    expect(rateLimit).toMatch(/"hour";r=98;t=\d+, "burst";r=0;t=\d+/);
    expect([limit, remaining]).toEqual(['2', '0']);
    const wait = Number(refused.headers.get('retry-after'));
    expect(Number.isInteger(wait) && wait >= 1 && wait <= 11).toBe(true);
    expect(rateLimit).toContain(`"burst";r=0;t=${wait}`);
    expect(Math.abs(Number(reset) - (Date.now() / 1000 + wait))).toBeLessThan(3);
  });

  it('let refused keys through to the auth service only so often, and never stop a known one', async () => {
    const good = KEY.replace('0', '1');
    auth.know(good, { valid: true, key_id: `good-${mode}` });
    const gateway = await start({ RATE_LIMIT_FAILED_AUTH_PER_MINUTE: '3', TRUSTED_PROXY_HOPS: '1' });
    const client = { 'x-forwarded-for': mode === 'with Redis' ? '192.0.2.8' : '192.0.2.9' };
    expect((await ask(gateway, good, client)).status).toBe(200);
    const unknown = (i: number): string => `hk_live_${String(i).padStart(32, 'z')}`;
    for (let i = 0; i < 3; i++) expect((await ask(gateway, unknown(i), client)).status).toBe(401);
    const calls = auth.calls.length;
    const refused = await eventually(async () => {
      const response = await ask(gateway, unknown(4), client);
      return response.status === 429 && response;
    });
    expect(await refused.json()).toMatchObject({ detail: 'Too many refused API keys from this address' });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(auth.calls.length - calls).toBeLessThanOrEqual(1);
    expect((await ask(gateway, good, client)).status).toBe(200);
    expect((await ask(gateway, unknown(5), { 'x-forwarded-for': '192.0.2.77' })).status).toBe(401);
    if (!redis) return;
    const other = await start({ RATE_LIMIT_FAILED_AUTH_PER_MINUTE: '3', TRUSTED_PROXY_HOPS: '1' });
    expect((await ask(other, unknown(6), client)).status).toBe(429);
    expect((await ask(other, good, client)).status).toBe(200);
  });

  it('write no key into the log, the metrics or Redis', async () => {
    const gateway = await start();
    await ask(gateway);
    expect(gateway.logs.raw).not.toContain(KEY);
    expect(await metricsOf(gateway)).not.toContain(KEY);
    if (!redis) return;
    const { createClient } = await import('redis');
    const client = createClient({ url: redis.url });
    await client.connect();
    const names = await client.keys('*');
    // Tombstones alone stay, so that no Redis evicts them.
    const passing = names.filter((name) => name !== 'key:tombstones');
    const ttls = await Promise.all(passing.map((name) => client.pTTL(name)));
    await client.disconnect();
    expect(names.join()).toContain('mlflow-gateway:rate:{');
    expect(names.join()).not.toContain(KEY);
    expect(ttls.every((ttl) => ttl > 0)).toBe(true);
  });

  it('warn once of an X-Forwarded-For that nobody trusts', async () => {
    const gateway = await start();
    for (let i = 0; i < 3; i++) await ask(gateway, KEY, { 'x-forwarded-for': '192.0.2.1' });
    expect(gateway.logs.of('forwarded_for_ignored')).toHaveLength(1);
  });
});
