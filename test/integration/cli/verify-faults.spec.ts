import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { freePort } from '../../support/programs/free-port.js';
import { startFakeAuthService } from '../../support/servers/fake-auth-service.js';
import type { MlflowFault } from '../../support/mlflow/fake-mlflow.js';
import { startRecordingUpstream } from '../../support/servers/recording-upstream.js';
import { startRedisServer } from '../../support/servers/redis-server.js';
import { eventually } from '../../support/lib/eventually.js';
import { metricOf } from '../../support/lib/metrics.js';
import { firstFault, verify, VerifySystem } from './verify-system.js';

let system: VerifySystem;
beforeAll(async () => {
  system = await VerifySystem.start();
});
afterEach(() => system.reset());
afterAll(() => system?.close());

describe('a planted fault is named:', () => {
  it('no gateway at the address', async () => {
    const { api_key: apiKey } = await system.createKey();
    const found = await firstFault(system.clientEnv(`http://127.0.0.1:${await freePort()}`, apiKey));
    expect(found).toMatchObject({ fault: 'gateway-unreachable', code: 5 });
  });

  it.each([
    ['/api/mlflow/api/2.0/mlflow/experiments/search', '/api/mlflow'],
    ['/api/mlflow/api/2.0/mlflow', '/api/mlflow'],
    ['/mlflow/ajax-api/2.0', '/mlflow'],
    ['/api/mlflow/#/experiments/1/runs/abc', '/api/mlflow'],
    ['/mlflow/?x=1#/models', '/mlflow'],
    ['/tools/api/mlflow/api/2.0', '/tools/api/mlflow'],
  ])('first of all an address that was copied from somewhere: %j', async (path, right) => {
    const { url } = await system.gateway();
    const { api_key: apiKey } = await system.createKey();
    const env = { ...system.clientEnv(url, apiKey), MLFLOW_TRACKING_URI: url + path };
    const { report, first } = await verify(env);
    expect(first).toMatchObject({ name: 'tracking-uri', fault: 'bad-prefix' });
    expect(first?.todo).toContain(`MLFLOW_TRACKING_URI=${url}${right}:`);
    // Nothing else is blamed: every other check waits for the right address.
    expect(report.checks.filter(({ status }) => status === 'fail')).toHaveLength(1);
  });

  it('none where a proxy serves the gateway below a path of its own and keeps /health for itself', async () => {
    const { url } = await system.gateway();
    const { api_key: apiKey } = await system.createKey();
    const front = createServer((request, response) => {
      if (!request.url?.startsWith('/team/api/mlflow')) return void response.writeHead(404).end('not here');
      const { method, headers } = request;
      const onward = httpRequest(url + request.url.slice('/team'.length), { method, headers });
      onward.on('response', (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      request.pipe(onward);
    });
    await once(front.listen(0, '127.0.0.1'), 'listening');
    const { port } = front.address() as AddressInfo;
    try {
      const env = system.clientEnv(url, apiKey);
      const { report, result } = await verify({
        ...env,
        MLFLOW_TRACKING_URI: `http://127.0.0.1:${port}/team/api/mlflow`,
      });
      expect(report.checks.filter(({ status }) => status === 'fail')).toEqual([]);
      expect(report.checks.find(({ name }) => name === 'gateway-health')?.status).toBe('warn');
      expect(report.checks.find(({ name }) => name === 'mlflow-health')?.status).toBe('pass');
      expect(result.code).toBe(0);
    } finally {
      front.closeAllConnections();
      front.close();
    }
  });

  it.each(['/api/mlflwo', '/api/mlflow/other', '/v1', ''])(
    'bad prefix %j, with the right address',
    async (path) => {
      const { url } = await system.gateway();
      const { api_key: apiKey } = await system.createKey();
      const found = await firstFault({ ...system.clientEnv(url, apiKey), MLFLOW_TRACKING_URI: url + path });
      expect(found).toMatchObject({ fault: 'bad-prefix', code: 1 });
      expect(found.todo).toContain(`MLFLOW_TRACKING_URI=${url}/api/mlflow`);
    },
  );

  it('MLflow itself at the address, open to all', async () => {
    const { api_key: apiKey } = await system.createKey();
    const { report, result } = await verify({
      ...system.clientEnv('', apiKey),
      MLFLOW_TRACKING_URI: system.mlflow.url,
    });
    expect(report.checks.find(({ name }) => name === 'tracking-path')?.fault).toBe('gateway-open');
    expect(result.code).not.toBe(0);
  });

  it('Redis down', async () => {
    const redis = await startRedisServer();
    const { url } = await system.gateway({ REDIS_URL: redis.url });
    const { api_key: apiKey } = await system.createKey();
    await redis.close();
    await eventually(async () => (await metricOf({ url }, 'redis_up')) === 0, {
      what: 'redis_up 0',
    });
    expect(await firstFault(system.clientEnv(url, apiKey))).toMatchObject({ fault: 'redis-down', code: 5 });
  });

  it.each([
    ['artifacts-off', 'artifacts-off', '--serve-artifacts'],
    ['host-rejected', 'mlflow-host-rejected', '--allowed-hosts'],
    ['sign-in', 'mlflow-sign-in', 'MLFLOW_SERVER_TOKEN'],
    ['static-prefix', 'mlflow-static-prefix', '--static-prefix'],
    ['broken', 'mlflow-unhealthy', 'log'],
    ['damaging', 'artifacts-damaged', 'proxies'],
  ] satisfies [MlflowFault, string, string][])('MLflow with %s', async (planted, fault, todo) => {
    system.mlflow.fault = planted;
    const { url } = await system.gateway();
    const { api_key: apiKey } = await system.createKey();
    const found = await firstFault(system.clientEnv(url, apiKey));
    expect(found.fault).toBe(fault);
    expect(found.todo).toContain(todo);
    expect(found.code).not.toBe(0);
  });

  it('MLflow that serves /ajax-api alone, and no fault once the gateway is told', async () => {
    system.mlflow.fault = 'ajax-only';
    const { api_key: apiKey } = await system.createKey();
    const found = await firstFault(system.clientEnv((await system.gateway()).url, apiKey));
    expect(found.todo).toContain('MLFLOW_API_DIALECT=ajax-api');
  });

  it('MLflow down', async () => {
    const { url } = await system.gateway({ MLFLOW_SERVER_URL: `http://127.0.0.1:${await freePort()}` });
    const { api_key: apiKey } = await system.createKey();
    const { report, result } = await verify(system.clientEnv(url, apiKey));
    expect(report.checks.find(({ status }) => status === 'fail')?.fault).toBe('mlflow-unreachable');
    expect(result.code).toBe(5);
    // The key is still good, and is not blamed.
    expect(report.checks.find(({ name }) => name === 'key-at-gateway')?.status).toBe('pass');
  });

  it.each([
    ['body', 'header'],
    ['header', 'body'],
  ] as const)('wrong contract: the gateway speaks %s, the auth service %s', async (asked, spoken) => {
    const auth = await startFakeAuthService({ contracts: [spoken] });
    try {
      const apiKey = 'hk_live_abcdefghijklmnopqrstuvwxyz012345';
      auth.know(apiKey);
      const { url } = await system.gateway({ HOKUSAI_AUTH_SERVICE_URL: auth.url, AUTH_CONTRACT: asked });
      const found = await firstFault({
        ...system.clientEnv(url, apiKey),
        HOKUSAI_AUTH_SERVICE_URL: auth.url,
      });
      expect(found).toMatchObject({ fault: 'contract-mismatch', code: 1 });
      expect(found.todo).toContain('AUTH_CONTRACT=auto');
    } finally {
      await auth.close();
    }
  });

  it('the gateway cannot reach the auth service', async () => {
    const { url } = await system.gateway({
      HOKUSAI_AUTH_SERVICE_URL: `http://127.0.0.1:${await freePort()}`,
    });
    const { api_key: apiKey } = await system.createKey();
    const found = await firstFault(system.clientEnv(url, apiKey));
    expect(found).toMatchObject({ fault: 'auth-service-unavailable', code: 5 });
    expect(found.todo).toContain('HOKUSAI_AUTH_SERVICE_URL');
  });

  it('the gateway asks another auth service', async () => {
    const other = await startFakeAuthService();
    try {
      const { url } = await system.gateway({ HOKUSAI_AUTH_SERVICE_URL: other.url });
      const { api_key: apiKey } = await system.createKey();
      expect(await firstFault(system.clientEnv(url, apiKey))).toMatchObject({
        fault: 'auth-services-differ',
        code: 1,
      });
    } finally {
      await other.close();
    }
  });

  it('HOKUSAI_AUTH_SERVICE_URL leads somewhere else', async () => {
    const { url } = await system.gateway();
    const { api_key: apiKey } = await system.createKey();
    const found = await firstFault({ ...system.clientEnv(url, apiKey), HOKUSAI_AUTH_SERVICE_URL: url });
    expect(found).toMatchObject({ fault: 'auth-service-unreachable', code: 5 });
  });

  it('a web page at the address', async () => {
    const page = await startRecordingUpstream((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end('<html>Log in</html>');
    });
    try {
      const { api_key: apiKey } = await system.createKey();
      expect(await firstFault(system.clientEnv(page.url, apiKey))).toMatchObject({
        fault: 'not-the-gateway',
        code: 1,
      });
    } finally {
      await page.close();
    }
  });
});
