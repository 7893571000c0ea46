import {
  startRecordingUpstream,
  sendJson,
  type RecordingUpstream,
} from '../../support/servers/recording-upstream.js';
import { startTestGateway, type TestGateway } from '../../support/systems/gateway.js';
import { ManualClock } from '../../support/lib/manual-clock.js';

const ADMIN = 'an-admin-token-for-tests';

describe('health of the gateway', () => {
  let mlflow: RecordingUpstream;
  let gateway: TestGateway;
  const clock = new ManualClock();

  beforeAll(async () => {
    mlflow = await startRecordingUpstream();
    gateway = await startTestGateway(
      { MLFLOW_SERVER_URL: mlflow.url, GATEWAY_ADMIN_TOKEN: ADMIN },
      { clock },
    );
  });

  afterAll(async () => {
    await gateway?.close();
    await mlflow?.close();
  });

  beforeEach(() => {
    clock.advance(6000);
    mlflow.requests.length = 0;
    mlflow.answer((_request, response) => sendJson(response, 200, {}));
  });

  const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(gateway.url + path, { headers });

  it.each(['/health', '/health/live'])('%s speaks of the process alone and asks nobody', async (path) => {
    const response = await get(path);
    expect([response.status, await response.json()]).toEqual([200, { status: 'ok' }]);
    expect(mlflow.requests).toHaveLength(0);
  });

  it('/health/detailed has no part for usage where nothing is reported', async () => {
    const response = await get('/health/detailed', { authorization: `Bearer ${ADMIN}` });
    const { parts } = (await response.json()) as { parts: Record<string, unknown> };
    expect(Object.keys(parts)).toContain('mlflow_proxy');
    expect(parts).not.toHaveProperty('usage');
  });

  it('/health/ready is ready while the server serves', async () => {
    expect((await get('/health/ready')).status).toBe(200);
  });

  it.each(['/health/mlflow', '/api/mlflow/health/mlflow', '/mlflow/health/mlflow'])(
    '%s checks connectivity, experiments and artifacts without a key',
    async (path) => {
      const response = await get(path);
      expect(response.status).toBe(200);
      expect(await response.json()).toEqual({
        status: 'ok',
        checks: {
          connectivity: { status: 'ok', http_status: 200, duration_ms: expect.any(Number) },
          experiments_api: { status: 'ok', http_status: 200, duration_ms: expect.any(Number) },
          artifacts_api: { status: 'ok', http_status: 200, duration_ms: expect.any(Number) },
        },
      });
      expect(response.headers.get('cache-control')).toBe('no-store');
    },
  );

  it('one round of probes serves everyone for five seconds', async () => {
    await Promise.all(Array.from({ length: 20 }, () => get('/health/mlflow')));
    await get('/api/mlflow/health/mlflow');
    expect(mlflow.requests).toHaveLength(3);
    clock.advance(5000);
    await get('/health/mlflow');
    expect(mlflow.requests).toHaveLength(6);
  });

  it('says 503 and which check fails, without a word of MLflow', async () => {
    mlflow.answer((request, response) =>
      request.url.includes('artifacts')
        ? sendJson(response, 503, { message: 'secret-bucket is away' })
        : sendJson(response, 200, {}),
    );
    const response = await get('/health/mlflow');
    const text = await response.text();
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('5');
    expect(JSON.parse(text)).toMatchObject({
      status: 'failing',
      checks: { experiments_api: { status: 'ok' }, artifacts_api: { status: 'failing', http_status: 503 } },
    });
    expect(text).not.toMatch(/secret-bucket|127\.0\.0\.1/);
  });

  it('says 503 while MLflow is down', async () => {
    const away = await startTestGateway();
    const response = await fetch(`${away.url}/health/mlflow`);
    expect(response.status).toBe(503);
    expect(await response.text()).not.toContain('127.0.0.1');
    expect((await fetch(`${away.url}/health`)).status).toBe(200);
    await away.close();
  });

  it('/health/detailed needs the admin token', async () => {
    expect((await get('/health/detailed')).status).toBe(401);
    expect((await get('/health/detailed', { authorization: 'Bearer wrong-token-of-length' })).status).toBe(
      401,
    );
    expect(gateway.logs.of('admin_auth_failed')).toHaveLength(1);
    const response = await get('/health/detailed', { authorization: `Bearer ${ADMIN}` });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ mlflow: { status: 'ok' }, parts: expect.any(Object) });
  });

  it('/health/detailed does not exist where no admin token is set', async () => {
    const closed = await startTestGateway();
    const response = await fetch(`${closed.url}/health/detailed`, { headers: { authorization: 'Bearer x' } });
    expect([response.status, ((await response.json()) as { error_code: string }).error_code]).toEqual([
      404,
      'ENDPOINT_NOT_FOUND',
    ]);
    await closed.close();
  });

  it.each(['/healthXYZ', '/health/other', '/health/live/x', '/HEALTH', '/metricsX', '/'])(
    '%s is no open door: 404, and nothing reaches MLflow',
    async (path) => {
      const response = await get(path);
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ error_code: 'ENDPOINT_NOT_FOUND', status: 404 });
      expect(mlflow.requests).toHaveLength(0);
    },
  );
});

describe('metrics of the gateway', () => {
  it('are open, and carry no key, user or host', async () => {
    const gateway = await startTestGateway();
    await fetch(`${gateway.url}/health`);
    const response = await fetch(`${gateway.url}/metrics`);
    const text = await response.text();
    expect(response.headers.get('content-type')).toContain('text/plain');
    expect(text).toContain('http_request_duration_seconds_count{route="health",method="GET",status="200"} 1');
    expect(text).not.toMatch(/127\.0\.0\.1|[{,](key|key_id|user|user_id|host|ip|client)=/);
    await gateway.close();
  });

  it('are closed by METRICS_TOKEN, and opened by each token that it lists', async () => {
    const tokens = ['a-metrics-token-for-tests', 'the-next-token-for-tests'];
    const gateway = await startTestGateway({ METRICS_TOKEN: tokens.join(',') });
    const statusWith = async (authorization?: string): Promise<number> =>
      (await fetch(`${gateway.url}/metrics`, { headers: authorization ? { authorization } : {} })).status;
    expect(await statusWith()).toBe(401);
    for (const wrong of [`Bearer ${tokens.join(',')}`, 'Bearer ', `Bearer ${tokens[0]}x`])
      expect([wrong, await statusWith(wrong)]).toEqual([wrong, 401]);
    for (const token of tokens) expect(await statusWith(`Bearer ${token}`)).toBe(200);
    await gateway.close();
  });
});
