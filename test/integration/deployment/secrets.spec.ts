import { randomBytes } from 'node:crypto';
import { hasProgram } from '../../../bench/lib/programs.js';
import { startKeyDatabases, type KeyDatabases } from '../../support/servers/key-databases.js';
import {
  startBalancedSystem,
  TOLD_DRAIN_DELAY_SECONDS,
  type BalancedSystem,
  type Replica,
} from './balanced-system.js';
import { whileKeysAreNew } from './first-uses.js';

const newSecret = (): string => randomBytes(24).toString('hex');

const hasBalancer = await hasProgram('haproxy');
if (!hasBalancer && process.env['CI']) throw new Error('CI needs haproxy');
(hasBalancer ? describe : describe.skip)('docs/operations.md, "Change secrets"', () => {
  let system: BalancedSystem;
  let databases: KeyDatabases;

  beforeAll(async () => {
    databases = await startKeyDatabases('postgres');
    system = await startBalancedSystem({
      keyServices: { count: 2, databaseUrl: await databases.next() },
      drainDelaySeconds: TOLD_DRAIN_DELAY_SECONDS,
    });
  }, 120_000);
  afterAll(async () => {
    await system?.close();
    await databases?.close();
  });

  async function roll(replicas: readonly Replica[], changed: Record<string, string>): Promise<void> {
    for (const replica of replicas) {
      await system.drain(replica);
      await replica.end('SIGTERM');
      await replica.start(changed);
    }
  }

  it('the three steps change every secret of both servers, and neither known nor new keys lose a request', async () => {
    const { secrets: old, keyServices, gateways, url, keyServiceUrl, underLoad, createKeys } = system;
    const made = {
      admin: newSecret(),
      service: newSecret(),
      gateway: newSecret(),
      hmac: newSecret(),
      metrics: newSecret(),
      pepper: newSecret(),
    };
    const oldFirst = (name: keyof typeof made): string => `${old[name]},${made[name]}`;
    const newFirst = (name: keyof typeof made): string => `${made[name]},${old[name]}`;
    const [known, fresh, [unused = '']] = [await createKeys(2), await createKeys(400), await createKeys(1)];
    for (let n = 0; n < 8; n++)
      await fetch(`${url}/api/mlflow/api/2.0/mlflow/experiments/search`, {
        headers: { authorization: `Bearer ${known[n % 2]}` },
      });
    /** What each replica answers to Prometheus with a token. */
    const scraped = async (token: string): Promise<Set<number>> => {
      const headers = { authorization: `Bearer ${token}` };
      const answers = [...keyServices, ...gateways].map((one) => fetch(`${one.url}/metrics`, { headers }));
      return new Set((await Promise.all(answers)).map(({ status }) => status));
    };
    const changeAll = async (): Promise<void> => {
      // 1. Everybody reads both.
      await roll(keyServices, {
        HOKUSAI_ADMIN_TOKEN: oldFirst('admin'),
        SERVICE_TOKENS: oldFirst('service'),
        KEY_PEPPER: oldFirst('pepper'),
        METRICS_TOKEN: oldFirst('metrics'),
      });
      await roll(gateways, {
        GATEWAY_ADMIN_TOKEN: oldFirst('gateway'),
        CACHE_HMAC_SECRET: oldFirst('hmac'),
        METRICS_TOKEN: oldFirst('metrics'),
      });
      expect([await scraped(old.metrics), await scraped(made.metrics)]).toEqual([
        new Set([200]),
        new Set([200]),
      ]);
      // 2. Everybody uses the new one.
      await roll(keyServices, { GATEWAY_ADMIN_TOKEN: newFirst('gateway'), KEY_PEPPER: newFirst('pepper') });
      await roll(gateways, { HOKUSAI_AUTH_SERVICE_TOKEN: made.service, CACHE_HMAC_SECRET: newFirst('hmac') });
      // 3. Nobody reads the old one.
      await roll(keyServices, {
        HOKUSAI_ADMIN_TOKEN: made.admin,
        SERVICE_TOKENS: made.service,
        GATEWAY_ADMIN_TOKEN: made.gateway,
        METRICS_TOKEN: made.metrics,
      });
      await roll(gateways, {
        GATEWAY_ADMIN_TOKEN: made.gateway,
        CACHE_HMAC_SECRET: made.hmac,
        METRICS_TOKEN: made.metrics,
      });
      expect([await scraped(old.metrics), await scraped(made.metrics)]).toEqual([
        new Set([401]),
        new Set([200]),
      ]);
    };
    const [report, firstUses] = await whileKeysAreNew(url, fresh, () => underLoad(known, changeAll));
    expect(report.lost).toEqual([]);
    expect(firstUses).toEqual({ sent: expect.any(Number), lost: [] });

    const list = (token: string): Promise<Response> =>
      fetch(`${keyServiceUrl}/api/v1/keys?limit=1`, { headers: { authorization: `Bearer ${token}` } });
    expect([(await list(old.admin)).status, (await list(made.admin)).status]).toEqual([401, 200]);

    // A key that was used since step 2 is stored under the new pepper; the old one may go when all of them were.
    const validate = async (key: string): Promise<number> => {
      const body = JSON.stringify({ api_key: key, service_id: 'ml-platform' });
      const headers = { authorization: `Bearer ${made.service}`, 'content-type': 'application/json' };
      return (await fetch(`${keyServiceUrl}/api/v1/keys/validate`, { method: 'POST', headers, body })).status;
    };
    const [used = ''] = known;
    expect(await validate(used)).toBe(200);
    // Nobody else asks any more: both at once.
    await Promise.all(keyServices.map((one) => roll([one], { KEY_PEPPER: made.pepper })));
    expect([await validate(used), await validate(unused)]).toEqual([200, 401]);
  }, 400_000);
});
