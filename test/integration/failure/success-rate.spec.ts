import type { ExecutionContext } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { Registry } from 'prom-client';
import { AccessGuard } from '../../../src/gateway/access/access.guard.js';
import { documentedQuery, valueOver } from '../../support/docs/documented-query.js';
import { eventually } from '../../support/lib/eventually.js';
import { startFakeAuthService, type FakeAuthService } from '../../support/servers/fake-auth-service.js';
import { freePort } from '../../support/programs/free-port.js';
import { startTestGateway, type TestGateway } from '../../support/systems/gateway.js';
import { metricOf, metricsOf } from '../../support/lib/metrics.js';
import {
  sendJson,
  startRecordingUpstream,
  type RecordingUpstream,
} from '../../support/servers/recording-upstream.js';

const KEY = 'hk_live_0123456789abcdef0123456789abcdef';
const UNSEEN_KEY = 'hk_live_abcdef0123456789abcdef0123456789';
const PATH = '/api/mlflow/api/2.0/mlflow/experiments/search';
const SUCCESS_RATE = documentedQuery('proxy success rate');

describe('the documented success rate', () => {
  let auth: FakeAuthService;
  let mlflow: RecordingUpstream;
  let gateway: TestGateway;
  let before: string;
  beforeEach(async () => {
    auth = await startFakeAuthService();
    auth.know(KEY);
    mlflow = await startRecordingUpstream();
  });
  afterEach(async () => {
    await gateway?.close(0);
    await auth?.close().catch(() => undefined);
    await mlflow?.close().catch(() => undefined);
  });

  async function start(
    env: Record<string, string> = {},
    options: Parameters<typeof startTestGateway>[1] = {},
  ): Promise<void> {
    gateway = await startTestGateway(
      { MLFLOW_SERVER_URL: mlflow.url, HOKUSAI_AUTH_SERVICE_URL: auth.url, AUTH_RETRY_ATTEMPTS: '0', ...env },
      options,
    );
    before = await metricsOf(gateway);
  }

  const ask = async (times: number, key = KEY, path = PATH): Promise<number[]> => {
    const statuses: number[] = [];
    for (let n = 0; n < times; n++) {
      const answer = await fetch(gateway.url + path, { headers: { authorization: `Bearer ${key}` } });
      await answer.arrayBuffer();
      statuses.push(answer.status);
    }
    return statuses;
  };
  const failed = (cause: string): Promise<number> =>
    metricOf(gateway, `gateway_requests_failed_total{cause="${cause}"}`);
  const successRate = async (): Promise<number> => valueOver(SUCCESS_RATE, before, await metricsOf(gateway));

  it('is 1 for any answer of MLflow, for refusals and for clients that leave', async () => {
    await start();
    await ask(3);
    mlflow.answer((_request, response) => sendJson(response, 500, { error_code: 'INTERNAL_ERROR' }));
    expect(await ask(1)).toEqual([500]);
    mlflow.answer((_request, response) => sendJson(response, 404, { error_code: 'RESOURCE_DOES_NOT_EXIST' }));
    expect(await ask(1)).toEqual([404]);
    expect(await ask(2, UNSEEN_KEY)).toEqual([401, 401]);
    mlflow.raw(() => undefined);
    const leaving = connect(Number(new URL(gateway.url).port), '127.0.0.1');
    leaving.write(`GET ${PATH} HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer ${KEY}\r\n\r\n`);
    await eventually(async () => (await metricOf(gateway, 'mlflow_proxy_in_flight')) === 1);
    leaving.destroy();
    await eventually(() => gateway.logs.of('request').some((line) => line['status'] === 499));
    expect(await successRate()).toBe(1);
  });

  it('falls during an outage of the authentication service', async () => {
    await start();
    await ask(3);
    await auth.close();
    expect(await ask(2, UNSEEN_KEY)).toEqual([503, 503]);
    expect(await failed('auth_outage')).toBe(2);
    expect(await successRate()).toBeCloseTo(3 / 5);
  });

  it('is 0 where every request meets an outage', async () => {
    await start();
    await auth.close();
    await ask(2);
    expect(await successRate()).toBe(0);
  });

  it('falls while MLflow is down', async () => {
    await start();
    await ask(3);
    await mlflow.close();
    expect(await ask(1)).toEqual([502]);
    expect(await failed('upstream')).toBe(1);
    expect(await successRate()).toBeCloseTo(3 / 4);
  });

  it('falls where an answer of MLflow breaks in its middle', async () => {
    await start();
    await ask(1);
    mlflow.raw((_request, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('x', () => response.destroy());
    });
    await expect(ask(1)).rejects.toThrow();
    await eventually(async () => (await failed('upstream')) === 1);
    expect(await successRate()).toBeCloseTo(1 / 2);
  });

  it('falls while the queue is full', async () => {
    await start({
      MLFLOW_MAX_CONCURRENT_REQUESTS: '1',
      MLFLOW_MAX_QUEUED_REQUESTS: '0',
      MLFLOW_KEY_SHARE_PERCENT: '100',
    });
    const held: ServerResponse[] = [];
    mlflow.raw((_request, response) => void held.push(response));
    const first = ask(1);
    await eventually(() => held.length === 1);
    expect(await ask(2)).toEqual([503, 503]);
    expect(await failed('overloaded')).toBe(2);
    held[0]?.end();
    await first;
    expect(await successRate()).toBeCloseTo(1 / 3);
  });

  it('falls where limits cannot be checked and RATE_LIMIT_ON_STORE_ERROR says deny', async () => {
    await start({
      REDIS_URL: `redis://127.0.0.1:${await freePort()}`,
      RATE_LIMIT_ON_STORE_ERROR: 'deny',
    });
    expect(await ask(2)).toEqual([503, 503]);
    expect(await failed('limit_store')).toBe(2);
    expect(await successRate()).toBe(0);
  });

  it('falls with a fault of our own', async () => {
    const broken = {
      canActivate: (context: ExecutionContext): boolean => {
        if (context.switchToHttp().getRequest<IncomingMessage>().url === '/metrics') return true;
        throw new Error('planted');
      },
    };
    await start(
      {},
      {
        createApp: async (root, adapter, options) => {
          const builder = Test.createTestingModule({ imports: [root] });
          const module = await builder.overrideProvider(AccessGuard).useValue(broken).compile();
          return module.createNestApplication(adapter, options);
        },
      },
    );
    expect(await ask(1)).toEqual([500]);
    expect(await failed('internal')).toBe(1);
    expect(await successRate()).toBe(0);
  });

  it('counts what a shutdown cuts, and the log names it; probes of readiness are no requests', async () => {
    await start();
    mlflow.raw(() => undefined);
    const cut = ask(1).catch(() => []);
    await eventually(async () => (await metricOf(gateway, 'mlflow_proxy_in_flight')) === 1);
    const registry = gateway.app.get(Registry);
    await gateway.close(50);
    await cut;
    expect(valueOver(SUCCESS_RATE, before, await registry.metrics())).toBe(0);
    expect(await registry.metrics()).toContain('gateway_requests_failed_total{cause="draining"} 1');
    expect(gateway.logs.of('request').at(-1)).toMatchObject({ status: 503, reason: 'shutdown' });
    expect(gateway.logs.of('closing')).toMatchObject([{ in_flight: 1, timeout_ms: 50 }]);
    expect(gateway.logs.of('stopped')).toMatchObject([{ cut: 1 }]);
  });
});
