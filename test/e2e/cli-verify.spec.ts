import { appendFile } from 'node:fs/promises';
import { startChild, untilReady, type Child } from '../../scripts/start/child.ts';
import { MLFLOW_START_TIMEOUT_MS, mlflowSpec } from '../../scripts/start/mlflow.ts';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { startFakeAuthService, type FakeAuthService } from '../support/fake-auth-service.js';
import { freePort } from '../support/free-port.js';
import { startTestGateway, type TestGateway } from '../support/gateway.js';
import { hokusai } from '../support/hokusai.js';
import { tempDir, type TempDir } from '../support/temp-dir.js';

/** Real MLflow servers, each started in one of the ways that break a gateway. */
const WAYS = {
  'artifacts-off': ['--no-serve-artifacts', '--default-artifact-root', '/tmp'],
  'mlflow-host-rejected': ['--allowed-hosts', 'mlflow.example'],
  'mlflow-static-prefix': ['--static-prefix', '/ml'],
} as const;
type Way = keyof typeof WAYS;

const KEY = 'hk_live_abcdefghijklmnopqrstuvwxyz012345';
const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const servers = new Map<Way, { url: string; child: Child; dir: TempDir; gateway: TestGateway }>();
let auth: FakeAuthService;

async function startBroken(way: Way): Promise<void> {
  const [dir, port] = [await tempDir('mlflow'), await freePort()];
  const logFile = join(dir.path, 'server.log');
  await appendFile(logFile, '');
  const spec = mlflowSpec({ root, dir: dir.path, port, logFile, env: process.env, workers: 1 });
  const child = startChild({ ...spec, args: [...spec.args, ...WAYS[way]] });
  const url = `http://127.0.0.1:${port}`;
  await untilReady(
    child,
    `${url}${way === 'mlflow-static-prefix' ? '/ml' : ''}/health`,
    MLFLOW_START_TIMEOUT_MS,
  );
  const gateway = await startTestGateway({ MLFLOW_SERVER_URL: url, HOKUSAI_AUTH_SERVICE_URL: auth.url });
  servers.set(way, { url, child, dir, gateway });
}

beforeAll(async () => {
  auth = await startFakeAuthService();
  auth.know(KEY);
  await Promise.all((Object.keys(WAYS) as Way[]).map(startBroken));
}, 400_000);
afterAll(async () => {
  for (const { child, dir, gateway } of servers.values()) {
    await gateway.close();
    await child.stop(5000);
    await dir.remove();
  }
  await auth.close();
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
    expect(await firstFaultOf(['doctor'], { MLFLOW_SERVER_URL: servers.get(way)?.url ?? '' })).toBe(way);
  });
});
