import { ManualClock } from '../../support/manual-clock.js';
import { startFakeMlflow, type FakeMlflow, type MlflowFault } from '../../support/fake-mlflow.js';
import { startFakeAuthService } from '../../support/fake-auth-service.js';
import { freePort } from '../../support/free-port.js';
import { startTestGateway, type TestGateway } from '../../support/gateway.js';
import { hokusai, type CliResult } from '../../support/hokusai.js';
import { startTestKeyService, TEST_ADMIN_TOKEN, type TestKeyService } from '../../support/key-service.js';
import { tempDir, type TempDir } from '../../support/temp-dir.js';
import { startRecordingUpstream } from '../../support/recording-upstream.js';
import { startRedisServer } from '../../support/redis-server.js';
import { eventually } from '../../support/eventually.js';

interface Report {
  ok: boolean;
  exit_code: number;
  checks: {
    name: string;
    title: string;
    status: string;
    fault?: string;
    seen: string;
    expected: string;
    todo?: string;
  }[];
}

let mlflow: FakeMlflow;
let dir: TempDir;
let service: TestKeyService;
let clock: ManualClock;
const gateways: TestGateway[] = [];

beforeAll(async () => {
  clock = new ManualClock(Date.now());
  mlflow = await startFakeMlflow();
  dir = await tempDir('keys');
  service = await startTestKeyService({ DATABASE_URL: `sqlite:///${dir.path}/keys.db` }, { clock });
});
beforeEach(() => (mlflow.fault = 'none'));
afterEach(async () => {
  await Promise.all(gateways.splice(0).map((gateway) => gateway.close()));
});
afterAll(async () => {
  await service.close();
  await dir.remove();
  await mlflow.close();
});

async function gateway(env: Record<string, string> = {}): Promise<TestGateway> {
  const started = await startTestGateway({
    MLFLOW_SERVER_URL: mlflow.url,
    HOKUSAI_AUTH_SERVICE_URL: service.url,
    AUTH_RETRY_ATTEMPTS: '0',
    ...env,
  });
  gateways.push(started);
  return started;
}

async function createKey(...options: string[]): Promise<{ key_id: string; api_key: string }> {
  const env = { HOKUSAI_AUTH_SERVICE_URL: service.url, HOKUSAI_ADMIN_TOKEN: TEST_ADMIN_TOKEN };
  return (await hokusai(['auth', 'create-key', '--name', 'verify', '--json', ...options], { env })).json();
}

/** The environment of a client of this gateway. */
function clientEnv(url: string, apiKey: string): Record<string, string> {
  return {
    MLFLOW_TRACKING_URI: `${url}/api/mlflow`,
    MLFLOW_TRACKING_TOKEN: apiKey,
    HOKUSAI_AUTH_SERVICE_URL: service.url,
  };
}

async function verify(
  env: Record<string, string>,
): Promise<{ result: CliResult; report: Report; first: Report['checks'][0] | undefined }> {
  const result = await hokusai(['verify', '--json', '--timeout', '3000'], { env });
  if (result.stdout === '') throw new Error(result.stderr);
  const report = result.json<Report>();
  return { result, report, first: report.checks.find(({ status }) => status === 'fail') };
}

/** The name of the first fault, with the whole report where it is another. */
async function firstFault(
  env: Record<string, string>,
): Promise<{ fault: string | undefined; code: number; todo: string }> {
  const { result, first } = await verify(env);
  return { fault: first?.fault, code: result.code, todo: first?.todo ?? '' };
}

describe('a sound system', () => {
  it('passes every check, without a warning, in far less than 10 s', async () => {
    const { url } = await gateway();
    const { api_key: apiKey } = await createKey();
    const startedMs = performance.now();
    const { result, report } = await verify(clientEnv(url, apiKey));
    expect(report.checks.filter(({ status }) => status !== 'pass')).toEqual([]);
    expect(result.code).toBe(0);
    expect(performance.now() - startedMs).toBeLessThan(10_000);
  });

  it('passes through the other mount, too', async () => {
    const { url } = await gateway();
    const { api_key: apiKey } = await createKey();
    const env = { ...clientEnv(url, apiKey), MLFLOW_TRACKING_URI: `${url}/mlflow/` };
    expect((await verify(env)).result.code).toBe(0);
  });

  it('passes with Redis, and with a key that only the query may carry switched on', async () => {
    const redis = await startRedisServer();
    try {
      const { url } = await gateway({ REDIS_URL: redis.url, ALLOW_QUERY_API_KEY: 'true' });
      const { api_key: apiKey } = await createKey();
      const { report, result } = await verify(clientEnv(url, apiKey));
      expect(result.code).toBe(0);
      const seen = Object.fromEntries(report.checks.map((check) => [check.name, check.seen]));
      expect(seen['redis']).toBe('connected');
      expect(seen['key-location-query']).toContain('accepted');
    } finally {
      await redis.close();
    }
  });

  it.each(['header', 'body'] as const)(
    'passes with an auth service that speaks the %s contract alone',
    async (contract) => {
      const auth = await startFakeAuthService({ contracts: [contract] });
      try {
        const apiKey = 'hk_live_abcdefghijklmnopqrstuvwxyz012345';
        auth.know(apiKey);
        const { url } = await gateway({ HOKUSAI_AUTH_SERVICE_URL: auth.url });
        const env = { ...clientEnv(url, apiKey), HOKUSAI_AUTH_SERVICE_URL: auth.url };
        expect((await verify(env)).result.code).toBe(0);
      } finally {
        await auth.close();
      }
    },
  );

  it('leaves nothing behind in MLflow', async () => {
    const { url } = await gateway();
    const { api_key: apiKey } = await createKey();
    await verify(clientEnv(url, apiKey));
    const paths = (method: string): string[] =>
      mlflow.requests.filter((request) => request.method === method).map((request) => request.url);
    expect(paths('DELETE')).toEqual(paths('PUT'));
  });

  it('is reported to people in plain lines, each with what was seen, and never with the key', async () => {
    const { url } = await gateway();
    const { api_key: apiKey } = await createKey();
    const { stdout, stderr } = await hokusai(['verify'], { env: clientEnv(url, apiKey) });
    expect(stdout).toMatch(/^ok {4}Gateway health: 200/m);
    expect(stdout).toMatch(/\d+ passed, 0 warnings, 0 failed, 0 skipped\n$/);
    expect(stdout + stderr).not.toContain(apiKey);
    // eslint-disable-next-line no-control-regex -- no escape sequences outside a terminal
    expect(stdout + stderr).not.toMatch(/[\r\u001b]/);
  });

  it('shows progress on a terminal, on standard error alone', async () => {
    const { url } = await gateway();
    const { api_key: apiKey } = await createKey();
    const { stdout, stderr } = await hokusai(['verify'], { env: clientEnv(url, apiKey), typed: [] });
    expect(stderr).toContain('… 1/');
    expect(stdout).not.toContain('…');
  });
});

describe('a planted fault is named:', () => {
  it('no gateway at the address', async () => {
    const { api_key: apiKey } = await createKey();
    const found = await firstFault(clientEnv(`http://127.0.0.1:${await freePort()}`, apiKey));
    expect(found).toMatchObject({ fault: 'gateway-unreachable', code: 5 });
  });

  it.each(['/api/mlflwo', '/api/mlflow/api/2.0', '/v1', ''])(
    'bad prefix %j, with the right address',
    async (path) => {
      const { url } = await gateway();
      const { api_key: apiKey } = await createKey();
      const found = await firstFault({ ...clientEnv(url, apiKey), MLFLOW_TRACKING_URI: url + path });
      expect(found).toMatchObject({ fault: 'bad-prefix', code: 1 });
      expect(found.todo).toContain(`MLFLOW_TRACKING_URI=${url}/api/mlflow`);
    },
  );

  it('MLflow itself at the address, open to all', async () => {
    const { api_key: apiKey } = await createKey();
    const { report, result } = await verify({ ...clientEnv('', apiKey), MLFLOW_TRACKING_URI: mlflow.url });
    expect(report.checks.find(({ name }) => name === 'tracking-path')?.fault).toBe('gateway-open');
    expect(result.code).not.toBe(0);
  });

  it('Redis down', async () => {
    const redis = await startRedisServer();
    const { url } = await gateway({ REDIS_URL: redis.url });
    const { api_key: apiKey } = await createKey();
    await redis.close();
    await eventually(async () => /^redis_up 0$/m.test(await (await fetch(`${url}/metrics`)).text()), {
      what: 'redis_up 0',
    });
    expect(await firstFault(clientEnv(url, apiKey))).toMatchObject({ fault: 'redis-down', code: 5 });
  });

  it.each([
    ['artifacts-off', 'artifacts-off', '--serve-artifacts'],
    ['host-rejected', 'mlflow-host-rejected', '--allowed-hosts'],
    ['static-prefix', 'mlflow-static-prefix', '--static-prefix'],
    ['broken', 'mlflow-unhealthy', 'log'],
    ['damaging', 'artifacts-damaged', 'proxies'],
  ] satisfies [MlflowFault, string, string][])('MLflow with %s', async (planted, fault, todo) => {
    mlflow.fault = planted;
    const { url } = await gateway();
    const { api_key: apiKey } = await createKey();
    const found = await firstFault(clientEnv(url, apiKey));
    expect(found.fault).toBe(fault);
    expect(found.todo).toContain(todo);
    expect(found.code).not.toBe(0);
  });

  it('MLflow that serves /ajax-api alone, and no fault once the gateway is told', async () => {
    mlflow.fault = 'ajax-only';
    const { api_key: apiKey } = await createKey();
    const found = await firstFault(clientEnv((await gateway()).url, apiKey));
    expect(found.todo).toContain('MLFLOW_API_DIALECT=ajax-api');
  });

  it('MLflow down', async () => {
    const { url } = await gateway({ MLFLOW_SERVER_URL: `http://127.0.0.1:${await freePort()}` });
    const { api_key: apiKey } = await createKey();
    const { report, result } = await verify(clientEnv(url, apiKey));
    expect(report.checks.find(({ status }) => status === 'fail')?.fault).toBe('mlflow-unreachable');
    expect(result.code).toBe(5);
    // The key is good all the same, and is not blamed.
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
      const { url } = await gateway({ HOKUSAI_AUTH_SERVICE_URL: auth.url, AUTH_CONTRACT: asked });
      const found = await firstFault({ ...clientEnv(url, apiKey), HOKUSAI_AUTH_SERVICE_URL: auth.url });
      expect(found).toMatchObject({ fault: 'contract-mismatch', code: 1 });
      expect(found.todo).toContain('AUTH_CONTRACT=auto');
    } finally {
      await auth.close();
    }
  });

  it('the gateway cannot reach the auth service', async () => {
    const { url } = await gateway({ HOKUSAI_AUTH_SERVICE_URL: `http://127.0.0.1:${await freePort()}` });
    const { api_key: apiKey } = await createKey();
    const found = await firstFault(clientEnv(url, apiKey));
    expect(found).toMatchObject({ fault: 'auth-service-unavailable', code: 5 });
    expect(found.todo).toContain('HOKUSAI_AUTH_SERVICE_URL');
  });

  it('the gateway asks another auth service', async () => {
    const other = await startFakeAuthService();
    try {
      const { url } = await gateway({ HOKUSAI_AUTH_SERVICE_URL: other.url });
      const { api_key: apiKey } = await createKey();
      expect(await firstFault(clientEnv(url, apiKey))).toMatchObject({
        fault: 'auth-services-differ',
        code: 1,
      });
    } finally {
      await other.close();
    }
  });

  it('HOKUSAI_AUTH_SERVICE_URL leads somewhere else', async () => {
    const { url } = await gateway();
    const { api_key: apiKey } = await createKey();
    const found = await firstFault({ ...clientEnv(url, apiKey), HOKUSAI_AUTH_SERVICE_URL: url });
    expect(found).toMatchObject({ fault: 'auth-service-unreachable', code: 5 });
  });

  it('a web page at the address', async () => {
    const page = await startRecordingUpstream((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end('<html>Log in</html>');
    });
    try {
      const { api_key: apiKey } = await createKey();
      expect(await firstFault(clientEnv(page.url, apiKey))).toMatchObject({
        fault: 'not-the-gateway',
        code: 1,
      });
    } finally {
      await page.close();
    }
  });
});

describe('a bad key is named:', () => {
  const asAdmin = (): Record<string, string> => ({ HOKUSAI_ADMIN_TOKEN: TEST_ADMIN_TOKEN });

  it('expired', async () => {
    const { url } = await gateway();
    const { api_key: apiKey } = await createKey('--expires-in-days', '1');
    clock.advance(2 * 86_400_000);
    const found = await firstFault({ ...clientEnv(url, apiKey), ...asAdmin() });
    expect(found).toMatchObject({ fault: 'key-expired', code: 3 });
    expect(found.todo).toContain('hokusai auth create-key');
  });

  it('revoked', async () => {
    const { url } = await gateway();
    const { api_key: apiKey, key_id: id } = await createKey();
    await hokusai(['auth', 'revoke-key', id, '--yes'], { env: { ...clientEnv(url, apiKey), ...asAdmin() } });
    expect(await firstFault({ ...clientEnv(url, apiKey), ...asAdmin() })).toMatchObject({
      fault: 'key-revoked',
      code: 3,
    });
  });

  it('unknown to the auth service', async () => {
    const { url } = await gateway();
    const env = { ...clientEnv(url, 'hk_live_abcdefghijklmnopqrstuvwxyz012345'), ...asAdmin() };
    expect(await firstFault(env)).toMatchObject({ fault: 'key-unknown', code: 3 });
  });

  it('refused, without an admin token to learn why, and how to learn it', async () => {
    const { url } = await gateway();
    const found = await firstFault(clientEnv(url, 'hk_live_abcdefghijklmnopqrstuvwxyz012345'));
    expect(found).toMatchObject({ fault: 'key-refused', code: 3 });
    expect(found.todo).toContain('HOKUSAI_ADMIN_TOKEN');
  });

  it('without the scope', async () => {
    const { url } = await gateway();
    const { api_key: apiKey } = await createKey('--scope', 'model:read');
    expect(await firstFault(clientEnv(url, apiKey))).toMatchObject({ fault: 'scope-missing', code: 3 });
  });

  it('for another network', async () => {
    const { url } = await gateway();
    const { api_key: apiKey } = await createKey('--allowed-ip', '192.0.2.0/24');
    expect(await firstFault(clientEnv(url, apiKey))).toMatchObject({ fault: 'address-not-allowed', code: 3 });
  });

  it('over its limit', async () => {
    const { url } = await gateway();
    const { api_key: apiKey } = await createKey('--burst', '5');
    expect(await firstFault(clientEnv(url, apiKey))).toMatchObject({ fault: 'rate-limited', code: 7 });
  });
});

describe('the environment of the MLflow client', () => {
  it('with a password that beats the token is a fault', async () => {
    const { url } = await gateway();
    const { api_key: apiKey } = await createKey();
    const env = { MLFLOW_TRACKING_USERNAME: 'ada', MLFLOW_TRACKING_PASSWORD: 'else' };
    expect(await firstFault({ ...clientEnv(url, apiKey), ...env })).toMatchObject({
      fault: 'client-environment',
      code: 2,
    });
  });

  it('without the two variables is a warning that fails nothing', async () => {
    const { url } = await gateway();
    const { api_key: apiKey } = await createKey();
    const args = ['verify', '--json', '--tracking-uri', `${url}/api/mlflow`];
    const env = { HOKUSAI_API_KEY: apiKey, HOKUSAI_AUTH_SERVICE_URL: service.url };
    const result = await hokusai(args, { env });
    expect(result.code).toBe(0);
    const check = result.json<Report>().checks.find(({ name }) => name === 'client-environment');
    expect(check).toMatchObject({
      status: 'warn',
      seen: expect.stringContaining('MLFLOW_TRACKING_TOKEN is not set'),
    });
  });
});
