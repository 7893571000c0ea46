import { startFakeAuthService, type FakeAuthService } from '../../support/servers/fake-auth-service.js';
import { startTestGateway, type TestGateway } from '../../support/systems/gateway.js';
import { hokusai, type CliResult } from '../../support/programs/hokusai.js';

const KEY = 'hk_live_0123456789abcdef0123456789abcdef';

let auth: FakeAuthService;
let gateway: TestGateway;

beforeAll(async () => {
  auth = await startFakeAuthService();
  auth.know(KEY, { valid: true, key_id: 'k1', scopes: ['mlflow:read', 'model:write', 'experiment:fly'] });
  gateway = await startTestGateway({ HOKUSAI_AUTH_SERVICE_URL: auth.url });
});
afterAll(() => Promise.all([gateway?.close(), auth?.close()]));

const ask = (args: string, key: string | undefined = KEY): Promise<CliResult> =>
  hokusai(['auth', ...args.split(' ')], {
    env: { MLFLOW_TRACKING_URI: `${gateway.url}/api/mlflow`, ...(key && { HOKUSAI_API_KEY: key }) },
  });

describe('hokusai auth whoami', () => {
  it('says in words what the key may do, and never the key', async () => {
    const { code, stdout, stderr } = await ask('whoami');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ {2}Key id: +k1$/m);
    expect(stdout).toMatch(/^ {2}Scopes: +mlflow:read, model:write$/m);
    expect(stdout).toMatch(/^ {2}May: +write model; read experiment, artifact, trace, prompt, .*workspace$/m);
    expect(stdout).toMatch(/^ {2}Grants: +by scopes only$/m);
    expect(stdout).toMatch(/^ {2}Limit "hour": +\d+ requests in 3600 s, \d+ left; more in \d+ s$/m);
    expect(stderr).toContain('does not know these scopes, which open nothing: experiment:fly');
    expect(stdout + stderr).not.toContain(KEY);
  });

  it("gives programs the gateway's own answer", async () => {
    const { stdout, json } = await ask('whoami --json');
    expect(json()).toMatchObject({
      key_id: 'k1',
      unknown_scopes: ['experiment:fly'],
      client_ip: '127.0.0.1',
    });
    expect(stdout).not.toContain(KEY);
  });

  it('ends with the code of a refusal for a refused key, of wrong use without one, and of an outage', async () => {
    expect((await ask('whoami', 'hk_live_00000000000000000000000000000000')).code).toBe(3);
    const without = await ask('whoami', '');
    expect([without.code, without.stderr]).toEqual([2, expect.stringContaining('API key required')]);
    const env = { MLFLOW_TRACKING_URI: 'http://127.0.0.1:9/api/mlflow', HOKUSAI_API_KEY: KEY };
    expect((await hokusai(['auth', 'whoami'], { env })).code).toBe(5);
  });
});
