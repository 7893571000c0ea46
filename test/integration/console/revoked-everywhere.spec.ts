import type { CreateKeyResponse } from '../../../src/contracts/keys/key-management.js';
import { ROUTE_INVALIDATE } from '../../../src/contracts/http/routes.js';
import { eventually } from '../../support/lib/eventually.js';
import { startFakeMlflow, type FakeMlflow } from '../../support/mlflow/fake-mlflow.js';
import { freePort } from '../../support/programs/free-port.js';
import { startTestGateway, type TestGateway } from '../../support/systems/gateway.js';
import { ENGINES, startKeyDatabases, type KeyDatabases } from '../../support/servers/key-databases.js';
import { startTestKeyService, type TestKeyService } from '../../support/systems/key-service.js';
import { startRedisServer, type RedisServer } from '../../support/servers/redis-server.js';
import { OWN_FETCH, SECRET, signIn as signInAtGateway } from '../browser/session-client.js';
import { ANA, ask, CONSOLE_ENV, post, signIn } from './console-client.js';

const SERVICE_TOKEN = 'service-token-of-the-tests';
const GATEWAY_ADMIN_TOKEN = 'gateway-admin-token-of-the-tests';
const SEARCH = 'api/2.0/mlflow/experiments/search?max_results=1';
/** What the console promises of a key that is revoked there. */
const WITHIN_MS = 1000;

describe.each(ENGINES)('a key that is revoked in the console, on %s', (engine) => {
  let databases: KeyDatabases;
  let mlflow: FakeMlflow;
  let redis: RedisServer;
  const open: { close(): Promise<void> }[] = [];
  beforeAll(async () => {
    databases = await startKeyDatabases(engine);
    mlflow = await startFakeMlflow();
    redis = await startRedisServer();
  });
  afterEach(async () => {
    for (const one of open.splice(0).toReversed()) await one.close();
  });
  afterAll(async () => {
    await redis?.close();
    await mlflow?.close();
    await databases?.close();
  });

  /** A key service, and two gateways of which it tells the first `told`. */
  async function start(
    told: number,
    env: Record<string, string>,
  ): Promise<{ service: TestKeyService; gateways: TestGateway[] }> {
    const ports = [await freePort(), await freePort()];
    const service = await startTestKeyService({
      ...CONSOLE_ENV,
      DATABASE_URL: await databases.next(),
      SERVICE_TOKENS: SERVICE_TOKEN,
      GATEWAY_ADMIN_TOKEN,
      GATEWAY_INVALIDATE_URLS: ports
        .slice(0, told)
        .map((port) => `http://127.0.0.1:${port}${ROUTE_INVALIDATE}`)
        .join(','),
    });
    open.push(service);
    const gateways: TestGateway[] = [];
    for (const port of ports) {
      const gateway = await startTestGateway({
        PORT: String(port),
        MLFLOW_SERVER_URL: mlflow.url,
        HOKUSAI_AUTH_SERVICE_URL: service.url,
        HOKUSAI_AUTH_SERVICE_TOKEN: SERVICE_TOKEN,
        GATEWAY_ADMIN_TOKEN,
        SESSION_SECRETS: SECRET,
        ...env,
      });
      open.push(gateway);
      gateways.push(gateway);
    }
    return { service, gateways };
  }

  it.each<[string, number, () => Record<string, string>]>([
    ['that are told one by one', 2, () => ({})],
    ['of which one is told and which share Redis', 1, () => ({ REDIS_URL: redis.url })],
  ])(
    '24: is refused within a second by gateways %s, and its sessions in browsers end',
    async (_how, told, env) => {
      const { service, gateways } = await start(told, env());
      const { body: key } = await service.call<CreateKeyResponse>(
        'POST',
        '/keys',
        { name: 'in use', service_id: 'ml-platform' },
        { authorization: `Bearer ${ANA}` },
      );
      const [first] = gateways as [TestGateway, TestGateway];
      const cookie = await signInAtGateway(first.url, key.api_key);
      /** Of a request with the key, and of one by its session, at each gateway. */
      const statuses = (): Promise<number[]> =>
        Promise.all(
          gateways.flatMap(({ url }) => [
            statusOf(`${url}/mlflow/${SEARCH}`, { authorization: `Bearer ${key.api_key}` }),
            statusOf(`${url}/mlflow/ajax-${SEARCH}`, { ...OWN_FETCH, cookie }),
          ]),
        );
      expect(await statuses()).toEqual([200, 200, 200, 200]);

      const admin = await signIn(service.url);
      const revoked = await post(
        `${service.url}/console/revoke`,
        { id: key.key_id, confirm: key.key_prefix },
        { cookie: admin },
      );
      expect(revoked.status).toBe(303);
      const begun = performance.now();
      await eventually(async () => (await statuses()).every((status) => status === 401), {
        intervalMs: 5,
        what: 'the end of the key',
      });
      expect(performance.now() - begun).toBeLessThan(WITHIN_MS);
    },
  );
});

async function statusOf(url: string, headers: Record<string, string>): Promise<number> {
  return (await ask(url, { headers })).status;
}
