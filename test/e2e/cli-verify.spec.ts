import { startFakeAuthService, type FakeAuthService } from '../support/servers/fake-auth-service.js';
import { startTestGateway, type TestGateway } from '../support/systems/gateway.js';
import { hokusai } from '../support/programs/hokusai.js';
import { startMlflowServer, type MlflowServer } from '../support/mlflow/mlflow-server.js';

/** Real MLflow servers, each started in one of the ways that break a gateway. */
const WAYS = {
  'artifacts-off': ['--no-serve-artifacts', '--default-artifact-root', '/tmp'],
  'mlflow-host-rejected': ['--allowed-hosts', 'mlflow.example'],
  'mlflow-static-prefix': ['--static-prefix', '/ml'],
} as const;
type Way = keyof typeof WAYS;

const KEY = 'hk_live_abcdefghijklmnopqrstuvwxyz012345';
const servers = new Map<Way, { mlflow: MlflowServer; gateway: TestGateway }>();
let auth: FakeAuthService;

async function startBroken(way: Way): Promise<void> {
  const prefix = way === 'mlflow-static-prefix' ? '/ml' : '';
  const mlflow = await startMlflowServer({ args: WAYS[way], prefix });
  const env = { MLFLOW_SERVER_URL: mlflow.url, HOKUSAI_AUTH_SERVICE_URL: auth.url };
  servers.set(way, { mlflow, gateway: await startTestGateway(env) });
}

beforeAll(async () => {
  auth = await startFakeAuthService();
  auth.know(KEY);
  await Promise.all((Object.keys(WAYS) as Way[]).map(startBroken));
}, 400_000);
afterAll(async () => {
  for (const { mlflow, gateway } of servers.values()) {
    await gateway.close();
    await mlflow.close();
  }
  await auth?.close();
}, 60_000);

async function firstFaultOf(args: string[], env: Record<string, string>): Promise<string | undefined> {
  const result = await hokusai([...args, '--json'], { env });
  const { checks } = result.json<{ checks: { status: string; fault?: string }[] }>();
  expect(result.code).not.toBe(0);
  return checks.find(({ status }) => status === 'fail')?.fault;
}

describe.each(Object.keys(WAYS) as Way[])('a real MLflow with the fault %s', (way) => {
  it('is named by verify, through the gateway', async () => {
    const env = {
      MLFLOW_TRACKING_URI: `${servers.get(way)?.gateway.url}/api/mlflow`,
      MLFLOW_TRACKING_TOKEN: KEY,
      HOKUSAI_AUTH_SERVICE_URL: auth.url,
    };
    expect(await firstFaultOf(['verify'], env)).toBe(way);
  });

  it('is named by doctor, directly', async () => {
    expect(await firstFaultOf(['doctor'], { MLFLOW_SERVER_URL: servers.get(way)?.mlflow.url ?? '' })).toBe(
      way,
    );
  });
});
