import { eventually } from '../../support/lib/eventually.js';
import { freePort } from '../../support/programs/free-port.js';
import { startTestGateway, type TestGateway } from '../../support/systems/gateway.js';
import {
  randomHex,
  startAttackedSystem,
  V2,
  type AttackedSystem,
} from '../../support/mlflow/granted-things.js';
import { metricOf } from '../../support/lib/metrics.js';
import { startMlflowWithAccounts } from '../../support/mlflow/mlflow-accounts.js';
import { sharedMlflow } from '../../support/mlflow/mlflow-server.js';
import { startRecordingUpstream } from '../../support/servers/recording-upstream.js';
import { startRedisServer, type RedisServer } from '../../support/servers/redis-server.js';
import { startGrantSystem } from '../../support/systems/grant-system.js';

const KEY = 'key-that-is-narrowed-0123456789abcdef';
const TOKEN = 'an-admin-token-of-the-tests';

describe('grants that are narrowed before a real MLflow', () => {
  let redis: RedisServer;
  let system: AttackedSystem;
  let second: TestGateway;
  beforeAll(async () => {
    redis = await startRedisServer();
    const env = { REDIS_URL: redis.url, GATEWAY_ADMIN_TOKEN: TOKEN };
    system = await startAttackedSystem((await sharedMlflow()).url, env);
    second = await startTestGateway({
      MLFLOW_SERVER_URL: system.relay.url,
      HOKUSAI_AUTH_SERVICE_URL: system.auth.url,
      ...env,
    });
    for (const gateway of [system.gateway, second])
      await eventually(async () => (await metricOf(gateway, 'redis_up')) === 1);
  }, 200_000);
  afterAll(async () => {
    await second?.close();
    await system?.close();
    await redis?.close();
  });

  const grant = async (experiment: string): Promise<void> => {
    system.know(KEY, ['mlflow:manage'], { experiments: [{ id: experiment, level: 'write' }] });
    const response = await fetch(`${system.gateway.url}/internal/keys/invalidate`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` },
      body: JSON.stringify({ key_id: KEY.slice(0, 20) }),
    });
    expect(response.status).toBe(202);
  };
  const statusOf = async ({ url }: TestGateway, path: string): Promise<number> => {
    const response = await fetch(`${url}/mlflow${path}`, { headers: { authorization: `Bearer ${KEY}` } });
    await response.arrayBuffer();
    return response.status;
  };

  it('hold on every replica within a second, also for what was looked up before', async () => {
    const { A, B, rA, rB, tA, lA } = system.things;
    const own = [
      `${V2}/runs/get?run_id=${rA}`,
      `${V2}/logged-models/${lA}`,
      `/api/3.0/mlflow/traces/${tA}`,
      `/api/2.0/mlflow-artifacts/artifacts?path=${A}`,
    ];
    const foreign = `${V2}/runs/get?run_id=${rB}`;
    await grant(A);
    for (const gateway of [system.gateway, second]) {
      // Twice: the second time from what is remembered.
      for (const path of [...own, ...own]) expect([path, await statusOf(gateway, path)]).toEqual([path, 200]);
      expect(await statusOf(gateway, foreign)).toBe(403);
    }
    await grant(B);
    for (const path of own) expect([path, await statusOf(system.gateway, path)]).toEqual([path, 403]);
    await eventually(async () => (await statusOf(second, own[0] as string)) === 403, {
      ...{ timeoutMs: 1000, intervalMs: 5 },
    });
    for (const path of own) expect([path, await statusOf(second, path)]).toEqual([path, 403]);
    for (const gateway of [system.gateway, second]) expect(await statusOf(gateway, foreign)).toBe(200);
  });
});

describe('look-ups at a real MLflow', () => {
  let mlflowUrl: string;
  let system: AttackedSystem;
  beforeAll(async () => {
    ({ url: mlflowUrl } = await sharedMlflow());
    system = await startAttackedSystem(mlflowUrl, { ACCESS_LOOKUP_TIMEOUT_MS: '2000' });
    system.know(KEY, ['mlflow:manage'], { experiments: [{ id: system.things.A, level: 'write' }] });
  }, 200_000);
  afterAll(() => system?.close());
  afterEach(() => system.relay.leadTo(mlflowUrl));
  const freshRun = async (): Promise<string> => {
    const body = await system.full('POST', `${V2}/runs/create`, { experiment_id: system.things.A });
    return (body['run'] as { info: { run_id: string } }).info.run_id;
  };
  const outcome = async (run: string): Promise<unknown[]> => {
    system.forwarded();
    const { status, headers, body } = await system.ask(KEY, { path: `${V2}/runs/get?run_id=${run}` });
    return [status, headers['retry-after'], body['error_code'], system.forwarded().length];
  };
  const UNAVAILABLE = [503, '1', 'TEMPORARILY_UNAVAILABLE', 0];

  it('that it is too slow for are 503, and pass once it is not', async () => {
    const run = await freshRun();
    const silent = await startRecordingUpstream();
    silent.raw(() => undefined);
    system.relay.leadTo(silent.url);
    expect(await outcome(run)).toEqual(UNAVAILABLE);
    system.relay.leadTo(mlflowUrl);
    await eventually(async () => (await outcome(run))[0] === 200, { timeoutMs: 30_000 });
    await silent.close();
  });

  it('are 503 while it is down, also of what does not exist, and pass once it is back', async () => {
    const run = await freshRun();
    system.relay.leadTo(`http://127.0.0.1:${await freePort()}`);
    expect(await outcome(run)).toEqual(UNAVAILABLE);
    expect(await outcome(randomHex())).toEqual(UNAVAILABLE);
    system.relay.leadTo(mlflowUrl);
    expect((await outcome(run))[0]).toBe(200);
    expect((await outcome(randomHex())).slice(0, 3)).toEqual([403, undefined, 'PERMISSION_DENIED']);
  }, 200_000);

  it('that it refuses to the gateway, because it wants to know who asks, are 503', async () => {
    const guarded = await startMlflowWithAccounts();
    const unsigned = await startGrantSystem(guarded.url);
    try {
      unsigned.know(KEY, ['mlflow:manage'], { experiments: [{ id: '1', level: 'write' }] });
      const { status, body } = await unsigned.ask(KEY, { path: `${V2}/runs/get?run_id=${randomHex()}` });
      expect([status, body['error_code'], unsigned.forwarded()]).toEqual([
        503,
        'TEMPORARILY_UNAVAILABLE',
        [],
      ]);
    } finally {
      await unsigned.close();
      await guarded.close();
    }
  }, 200_000);
});
