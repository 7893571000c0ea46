import { startFakeAuthService } from '../../support/servers/fake-auth-service.js';
import { hokusai } from '../../support/programs/hokusai.js';
import { TEST_ADMIN_TOKEN } from '../../support/systems/key-service.js';
import { startRedisServer } from '../../support/servers/redis-server.js';
import { firstFault, verify, type Report, VerifySystem } from './verify-system.js';

let system: VerifySystem;
beforeAll(async () => {
  system = await VerifySystem.start();
});
afterEach(() => system.reset());
afterAll(() => system?.close());

describe('a sound system', () => {
  it('passes every check, without a warning, in far less than 10 s', async () => {
    const { url } = await system.gateway();
    const { api_key: apiKey } = await system.createKey();
    const startedMs = performance.now();
    const { result, report } = await verify(system.clientEnv(url, apiKey));
    expect(report.checks.filter(({ status }) => status !== 'pass')).toEqual([]);
    expect(result.code).toBe(0);
    expect(performance.now() - startedMs).toBeLessThan(10_000);
  });

  it('passes through the other mount, too', async () => {
    const { url } = await system.gateway();
    const { api_key: apiKey } = await system.createKey();
    const env = { ...system.clientEnv(url, apiKey), MLFLOW_TRACKING_URI: `${url}/mlflow/` };
    expect((await verify(env)).result.code).toBe(0);
  });

  it('passes with a key that has other scopes than mlflow:access', async () => {
    const { url } = await system.gateway();
    const { api_key: apiKey } = await system.createKey('--scope', 'mlflow:manage');
    const { report, result } = await verify(system.clientEnv(url, apiKey));
    expect(report.checks.filter(({ status }) => status !== 'pass')).toEqual([]);
    expect(result.code).toBe(0);
  });

  it('passes with Redis, and with a key that only the query may carry switched on', async () => {
    const redis = await startRedisServer();
    try {
      const { url } = await system.gateway({ REDIS_URL: redis.url, ALLOW_QUERY_API_KEY: 'true' });
      const { api_key: apiKey } = await system.createKey();
      const { report, result } = await verify(system.clientEnv(url, apiKey));
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
        const { url } = await system.gateway({ HOKUSAI_AUTH_SERVICE_URL: auth.url });
        const env = { ...system.clientEnv(url, apiKey), HOKUSAI_AUTH_SERVICE_URL: auth.url };
        expect((await verify(env)).result.code).toBe(0);
      } finally {
        await auth.close();
      }
    },
  );

  it('leaves nothing behind in MLflow', async () => {
    const { url } = await system.gateway();
    const { api_key: apiKey } = await system.createKey();
    await verify(system.clientEnv(url, apiKey));
    const paths = (method: string): string[] =>
      system.mlflow.requests.filter((request) => request.method === method).map((request) => request.url);
    expect(paths('DELETE')).toEqual(paths('PUT'));
  });

  it('is reported to people in plain lines, each with what was seen, and never with the key', async () => {
    const { url } = await system.gateway();
    const { api_key: apiKey } = await system.createKey();
    const { stdout, stderr } = await hokusai(['verify'], { env: system.clientEnv(url, apiKey) });
    expect(stdout).toMatch(/^ok {4}Gateway health: 200/m);
    expect(stdout).toMatch(/\d+ passed, 0 warnings, 0 failed, 0 skipped\n$/);
    expect(stdout + stderr).not.toContain(apiKey);
    // eslint-disable-next-line no-control-regex -- no escape sequences outside a terminal
    expect(stdout + stderr).not.toMatch(/[\r\u001b]/);
  });

  it('shows progress on a terminal, on standard error alone', async () => {
    const { url } = await system.gateway();
    const { api_key: apiKey } = await system.createKey();
    const { stdout, stderr } = await hokusai(['verify'], { env: system.clientEnv(url, apiKey), typed: [] });
    expect(stderr).toContain('… 1/');
    expect(stdout).not.toContain('…');
  });
});

describe('a bad key is named:', () => {
  const asAdmin = (): Record<string, string> => ({ HOKUSAI_ADMIN_TOKEN: TEST_ADMIN_TOKEN });

  it('expired', async () => {
    const { url } = await system.gateway();
    const { api_key: apiKey } = await system.createKey('--expires-in-days', '1');
    system.clock.advance(2 * 86_400_000);
    const found = await firstFault({ ...system.clientEnv(url, apiKey), ...asAdmin() });
    expect(found).toMatchObject({ fault: 'key-expired', code: 3 });
    expect(found.todo).toContain('hokusai auth create-key');
  });

  it('revoked', async () => {
    const { url } = await system.gateway();
    const { api_key: apiKey, key_id: id } = await system.createKey();
    await hokusai(['auth', 'revoke-key', id, '--yes'], {
      env: { ...system.clientEnv(url, apiKey), ...asAdmin() },
    });
    expect(await firstFault({ ...system.clientEnv(url, apiKey), ...asAdmin() })).toMatchObject({
      fault: 'key-revoked',
      code: 3,
    });
  });

  it('unknown to the auth service', async () => {
    const { url } = await system.gateway();
    const env = { ...system.clientEnv(url, 'hk_live_abcdefghijklmnopqrstuvwxyz012345'), ...asAdmin() };
    expect(await firstFault(env)).toMatchObject({ fault: 'key-unknown', code: 3 });
  });

  it('refused, without an admin token to learn why, and how to learn it', async () => {
    const { url } = await system.gateway();
    const found = await firstFault(system.clientEnv(url, 'hk_live_abcdefghijklmnopqrstuvwxyz012345'));
    expect(found).toMatchObject({ fault: 'key-refused', code: 3 });
    expect(found.todo).toContain('HOKUSAI_ADMIN_TOKEN');
  });

  it('without the scope', async () => {
    const { url } = await system.gateway();
    const { api_key: apiKey } = await system.createKey('--scope', 'model:read');
    expect(await firstFault(system.clientEnv(url, apiKey))).toMatchObject({
      fault: 'scope-missing',
      code: 3,
    });
  });

  it('for another network', async () => {
    const { url } = await system.gateway();
    const { api_key: apiKey } = await system.createKey('--allowed-ip', '192.0.2.0/24');
    expect(await firstFault(system.clientEnv(url, apiKey))).toMatchObject({
      fault: 'address-not-allowed',
      code: 3,
    });
  });

  it('over its limit', async () => {
    const { url } = await system.gateway();
    const { api_key: apiKey } = await system.createKey('--burst', '5');
    expect(await firstFault(system.clientEnv(url, apiKey))).toMatchObject({ fault: 'rate-limited', code: 7 });
  });
});

describe('the environment of the MLflow client', () => {
  it('with a password that beats the token is a fault', async () => {
    const { url } = await system.gateway();
    const { api_key: apiKey } = await system.createKey();
    const env = { MLFLOW_TRACKING_USERNAME: 'ada', MLFLOW_TRACKING_PASSWORD: 'else' };
    expect(await firstFault({ ...system.clientEnv(url, apiKey), ...env })).toMatchObject({
      fault: 'client-environment',
      code: 2,
    });
  });

  it('without the two variables is a warning that fails nothing', async () => {
    const { url } = await system.gateway();
    const { api_key: apiKey } = await system.createKey();
    const args = ['verify', '--json', '--tracking-uri', `${url}/api/mlflow`];
    const env = { HOKUSAI_API_KEY: apiKey, HOKUSAI_AUTH_SERVICE_URL: system.service.url };
    const result = await hokusai(args, { env });
    expect(result.code).toBe(0);
    const check = result.json<Report>().checks.find(({ name }) => name === 'client-environment');
    expect(check).toMatchObject({
      status: 'warn',
      seen: expect.stringContaining('MLFLOW_TRACKING_TOKEN is not set'),
    });
  });
});
