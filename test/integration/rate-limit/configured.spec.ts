import { startFakeAuthService, type FakeAuthService } from '../../support/servers/fake-auth-service.js';
import { startTestGateway, type TestGateway } from '../../support/systems/gateway.js';
import { startRecordingUpstream, type RecordingUpstream } from '../../support/servers/recording-upstream.js';

const PLAIN = 'hk_live_without_limits_of_its_own_00001';
const SEARCHER = 'hk_live_with_a_limit_of_searches_000001';
const OWN = 'hk_live_with_limits_of_its_own_00000001';

describe('limits', () => {
  let auth: FakeAuthService;
  let mlflow: RecordingUpstream;
  let gateway: TestGateway | undefined;

  beforeAll(async () => {
    auth = await startFakeAuthService();
    auth.know(PLAIN);
    auth.know(OWN, { valid: true, key_id: 'own', rate_limit_per_hour: 7, burst: 2 });
    mlflow = await startRecordingUpstream();
  });
  afterEach(() => gateway?.close());
  afterAll(async () => {
    await auth?.close();
    await mlflow?.close();
  });

  async function policyOf(
    key: string,
    env: Record<string, string> = {},
    path = '/mlflow/x',
  ): Promise<string | null> {
    await gateway?.close();
    gateway = await startTestGateway({
      MLFLOW_SERVER_URL: mlflow.url,
      HOKUSAI_AUTH_SERVICE_URL: auth.url,
      ...env,
    });
    const headers = { authorization: `Bearer ${key}` };
    return (await fetch(gateway.url + path, { headers })).headers.get('ratelimit-policy');
  }

  it('are 60,000 an hour and 1,000 in ten seconds unless said otherwise', async () => {
    expect(await policyOf(PLAIN)).toBe('"hour";q=60000;w=3600, "burst";q=1000;w=10');
  });

  it('are what the configuration says, and the key’s own where it has any', async () => {
    const env = {
      RATE_LIMIT_PER_HOUR: '50',
      RATE_LIMIT_BURST: '3',
      RATE_LIMIT_BURST_WINDOW_SECONDS: '2',
    };
    expect(await policyOf(PLAIN, env)).toBe('"hour";q=50;w=3600, "burst";q=3;w=2');
    expect(await policyOf(OWN, env)).toBe('"hour";q=7;w=3600, "burst";q=2;w=2');
  });

  it('of searches are the key’s own, whether or not the configuration has any', async () => {
    const search = '/mlflow/api/2.0/mlflow/registered-models/search';
    auth.know(SEARCHER, { valid: true, key_id: 'searcher', searches_per_minute: 5, writes_per_minute: 6 });
    const all = '"hour";q=60000;w=3600, "burst";q=1000;w=10';
    expect(await policyOf(SEARCHER, {}, search)).toBe(`${all}, "searches";q=5;w=60`);
    expect(await policyOf(SEARCHER)).toBe(all);
    const env = { RATE_LIMIT_SEARCHES_PER_MINUTE: '9' };
    expect(await policyOf(SEARCHER, env, search)).toBe(`${all}, "searches";q=5;w=60`);
    expect(await policyOf(PLAIN, env, search)).toBe(`${all}, "searches";q=9;w=60`);
  });
});
