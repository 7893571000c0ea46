import type { UsageBatchRequest, UsageRecord } from '../../../src/contracts/usage/usage.js';
import type { Indication } from '../../../src/platform/observability/health-indicators.js';
import { eventually } from '../../support/lib/eventually.js';
import { startFakeAuthService, type FakeAuthService } from '../../support/servers/fake-auth-service.js';
import { startTestGateway, type TestGateway } from '../../support/systems/gateway.js';
import {
  sendJson,
  startRecordingUpstream,
  type RecordingUpstream,
} from '../../support/servers/recording-upstream.js';
import { metricsOf } from '../../support/lib/metrics.js';

const KEY = 'hk_test_usage-reporter-key-0123456789';
const TOKEN = 'a-service-token-for-tests';
const ADMIN = 'an-admin-token-for-tests';

describe('usage reports of the gateway', () => {
  let auth: FakeAuthService;
  let mlflow: RecordingUpstream;
  let receiver: RecordingUpstream;

  beforeAll(async () => {
    [auth, mlflow, receiver] = await Promise.all([
      startFakeAuthService(),
      startRecordingUpstream(),
      startRecordingUpstream((_request, response) => sendJson(response, 202, { accepted: 1, dropped: 0 })),
    ]);
    auth.know(KEY, { valid: true, key_id: 'key-7' });
  });

  afterAll(() => Promise.all([auth?.close(), mlflow?.close(), receiver?.close()]));

  beforeEach(() => (receiver.requests.length = 0));

  const start = (env: Record<string, string> = {}): Promise<TestGateway> =>
    startTestGateway({
      MLFLOW_SERVER_URL: mlflow.url,
      HOKUSAI_AUTH_SERVICE_URL: auth.url,
      HOKUSAI_AUTH_SERVICE_TOKEN: TOKEN,
      USAGE_REPORT_URL: `${receiver.url}/api/v1/usage`,
      USAGE_FLUSH_INTERVAL_MS: '10',
      ...env,
    });

  const call = async (gateway: TestGateway, path: string, key = KEY): Promise<number> => {
    const response = await fetch(`${gateway.url}/api/mlflow${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}` },
      body: '{"a":1}',
    });
    await response.arrayBuffer();
    return response.status;
  };

  const records = (): UsageRecord[] =>
    receiver.requests.flatMap(
      (request) => (JSON.parse(request.body.toString()) as UsageBatchRequest).records,
    );

  it('name the endpoint, not the ids, and carry the service token', async () => {
    const gateway = await start();
    expect(await call(gateway, '/api/2.0/mlflow/logged-models/m-12ab34/params?x=secret')).toBe(200);
    const [record] = await eventually(() => records().length > 0 && records());
    expect(record).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      key_id: 'key-7',
      endpoint: 'POST /api/2.0/mlflow/logged-models/{id}/params',
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
      response_time_ms: expect.any(Number),
      status_code: 200,
      bytes_in: 7,
      bytes_out: 2,
      client_ip: '127.0.0.1',
      source: 'key',
      needed_scope: 'experiment:write',
    });
    expect(receiver.requests[0]?.headers.authorization).toBe(`Bearer ${TOKEN}`);
    await gateway.close();
  });

  it('have one name for all paths that MLflow does not know, however many are invented', async () => {
    const gateway = await start();
    const invented = Array.from({ length: 60 }, (_, n) => {
      const word = String.fromCharCode(97 + Math.trunc(n / 26), 97 + (n % 26));
      return [`/${word}`, `/api/2.0/mlflow/${word}`, `/api/3.${n}/mlflow/runs`][n % 3] as string;
    });
    for (const path of invented) await call(gateway, path);
    await eventually(() => records().length === invented.length);
    expect(new Set(records().map(({ endpoint }) => endpoint))).toEqual(new Set(['POST /{other}']));
    await gateway.close();
  });

  it('name MLflow itself where a request is for nothing below its mount', async () => {
    const gateway = await start();
    await fetch(`${gateway.url}/api/mlflow`, {
      redirect: 'manual',
      headers: { authorization: `Bearer ${KEY}` },
    });
    const [record] = await eventually(() => records().length > 0 && records());
    expect(record).toMatchObject({ endpoint: 'GET /', status_code: 308 });
    await gateway.close();
  });

  it('leave out requests without a known key', async () => {
    const gateway = await start();
    expect(await call(gateway, '/api/2.0/mlflow/runs/search', 'hk_test_nobody-knows-this-key')).toBe(401);
    await call(gateway, '/api/2.0/mlflow/runs/search');
    await gateway.close();
    expect(records().map((record) => record.status_code)).toEqual([200]);
  });

  it('wait while the receiver is down and are delivered once it is back, each once', async () => {
    let away = true;
    const seen = new Set<string>();
    receiver.answer((request, response) => {
      if (away) return sendJson(response, 503, {});
      for (const record of (JSON.parse(request.body.toString()) as UsageBatchRequest).records) {
        expect(seen.has(record.id)).toBe(false);
        seen.add(record.id);
      }
      sendJson(response, 202, {});
    });
    const gateway = await start();
    for (let i = 0; i < 5; i++) await call(gateway, '/api/2.0/mlflow/runs/create');
    await eventually(() => receiver.requests.length > 0);
    away = false;
    await eventually(() => seen.size === 5);
    await gateway.close();
  });

  describe('that a receiver does not take', () => {
    let refusal: number;
    let seen: string[];
    let gateway: TestGateway;

    beforeEach(async () => {
      seen = [];
      receiver.answer((request, response) => {
        if (refusal !== 202) return sendJson(response, refusal, {}, { location: '/elsewhere' });
        const { records: batch } = JSON.parse(request.body.toString()) as UsageBatchRequest;
        seen.push(...batch.map(({ id }) => id));
        sendJson(response, 202, {});
      });
      gateway = await start({ GATEWAY_ADMIN_TOKEN: ADMIN });
    });
    afterEach(() => gateway?.close());

    const part = (expected: Partial<Indication>): Promise<unknown> =>
      eventually(async () => {
        const headers = { authorization: `Bearer ${ADMIN}` };
        const response = await fetch(`${gateway.url}/health/detailed`, { headers });
        const { parts } = (await response.json()) as { parts: Record<string, Indication> };
        expect(parts.usage).toMatchObject(expected);
        return true;
      });

    it.each([
      [401, 'HOKUSAI_AUTH_SERVICE_TOKEN'],
      [403, 'HOKUSAI_AUTH_SERVICE_TOKEN'],
      [404, 'USAGE_REPORT_URL'],
      [405, 'USAGE_REPORT_URL'],
      [301, 'USAGE_REPORT_URL'],
      [307, 'USAGE_REPORT_URL'],
    ])('because of who sends it (%i) wait, and an operator reads of %s', async (status, setting) => {
      refusal = status;
      for (let i = 0; i < 3; i++) await call(gateway, '/api/2.0/mlflow/runs/create');
      await eventually(() => receiver.requests.length >= 3);
      await part({ status: 'degraded', waiting: 3, dropped: 0 });
      expect(gateway.logs.of('usage_sender_refused')).toMatchObject([
        { level: 'error', status, message: expect.stringContaining(setting) as string },
      ]);
      expect(gateway.logs.raw).not.toContain(TOKEN);

      refusal = 202;
      await part({ status: 'up', waiting: 0, dropped: 0 });
      expect(new Set(seen).size).toBe(3);
      expect(seen).toHaveLength(3);
    });

    it('are logged once for each cause, until one is taken', async () => {
      refusal = 503;
      await call(gateway, '/api/2.0/mlflow/runs/create');
      const refusedAgain = async (status: number): Promise<void> => {
        refusal = status;
        const before = receiver.requests.length;
        await eventually(() => receiver.requests.length >= before + 1);
      };
      for (const status of [503, 401, 429, 401, 401]) await refusedAgain(status);
      expect(gateway.logs.of('usage_delivery_failed')).toHaveLength(1);
      expect(gateway.logs.of('usage_sender_refused')).toHaveLength(1);

      refusal = 202;
      await part({ status: 'up', waiting: 0 });
      refusal = 401;
      await call(gateway, '/api/2.0/mlflow/runs/create');
      await eventually(() => gateway.logs.of('usage_sender_refused').length === 2);
    });
  });

  it('that a receiver refuses cost no other record its delivery', async () => {
    const taken: string[] = [];
    receiver.answer((request, response) => {
      const { records: batch } = JSON.parse(request.body.toString()) as UsageBatchRequest;
      if (batch.some(({ endpoint }) => endpoint.endsWith('/delete'))) return sendJson(response, 400, {});
      taken.push(...batch.map(({ endpoint }) => endpoint));
      sendJson(response, 202, {});
    });
    const gateway = await start({ USAGE_FLUSH_INTERVAL_MS: '600000' });
    const actions = ['create', 'delete', 'search', 'log-batch', 'delete', 'update', 'log-metric'];
    for (const action of actions) await call(gateway, `/api/2.0/mlflow/runs/${action}`);
    await gateway.close();
    expect(taken.map((endpoint) => endpoint.split('/').at(-1))).toEqual(
      actions.filter((action) => action !== 'delete'),
    );
  });

  it('are flushed at shutdown', async () => {
    receiver.answer((_request, response) => sendJson(response, 202, {}));
    const gateway = await start({ USAGE_FLUSH_INTERVAL_MS: '600000' });
    for (let i = 0; i < 3; i++) await call(gateway, '/api/2.0/mlflow/runs/create');
    expect(records()).toHaveLength(0);
    await gateway.close();
    expect(records()).toHaveLength(3);
  });

  it('hold up no shutdown: what a silent receiver does not take within seconds is lost, and said', async () => {
    receiver.answer(() => undefined);
    const gateway = await start();
    await call(gateway, '/api/2.0/mlflow/runs/create');
    await eventually(() => receiver.requests.length > 0);
    const before = performance.now();
    await gateway.close();
    expect(performance.now() - before).toBeLessThan(4000);
    expect(gateway.logs.of('usage_lost_at_shutdown')).toMatchObject([{ records: 1 }]);
  });

  it('are dropped and counted beyond the bound, and never hold up a request', async () => {
    receiver.answer((_request, response) => sendJson(response, 503, {}));
    const gateway = await start({ USAGE_QUEUE_LIMIT: '2' });
    for (let i = 0; i < 5; i++) expect(await call(gateway, '/api/2.0/mlflow/runs/create')).toBe(200);
    const metrics = await eventually(async () => {
      const text = await metricsOf(gateway);
      return text.includes('usage_records_total{outcome="dropped"} 3') && text;
    });
    expect(metrics).toContain('usage_queue_size 2');
    await gateway.close();
  });

  it('are not made where no receiver is set', async () => {
    const gateway = await startTestGateway({
      MLFLOW_SERVER_URL: mlflow.url,
      HOKUSAI_AUTH_SERVICE_URL: auth.url,
    });
    expect(await call(gateway, '/api/2.0/mlflow/runs/create')).toBe(200);
    await gateway.close();
    expect(receiver.requests).toHaveLength(0);
  });
});
