import { createClient } from 'redis';
import { INVALIDATION_CHANNEL } from '../../../src/contracts/keys/invalidation.js';
import { generateKey } from '../../../src/lib/keys/key-format.js';
import { eventually } from '../../support/lib/eventually.js';
import {
  FACTS_NAMES,
  factsWithMadeUpSignature,
  NO_SIGNATURE,
  SIGNED_TOMBSTONES,
  TOMBSTONE_INDEX,
  unsignedFacts,
} from '../../support/servers/forged-redis.js';
import type { TestGateway } from '../../support/systems/gateway.js';
import { sendJson } from '../../support/servers/recording-upstream.js';
import { startRedisServer, type RedisServer } from '../../support/servers/redis-server.js';
import { invalidate, metric, startAuthSetup, statusOf, type AuthSetup } from './setup.js';

const FACTS = { valid: true, key_id: 'k1', user_id: 'u1', allowed_ips: null };

let redis: RedisServer;
let setup: AuthSetup;
let second: TestGateway;
let client: ReturnType<typeof createClient>;
let key: string;

/** Whoever may write to Redis tries to be somebody, or to keep others out. */
describe('what somebody else wrote into Redis', () => {
  beforeAll(async () => {
    redis = await startRedisServer();
  });
  afterAll(() => redis.close());
  beforeEach(async () => {
    client = createClient({ url: redis.url });
    await client.connect();
    await client.flushAll();
    const env = { REDIS_URL: redis.url, REDIS_COMMAND_TIMEOUT_MS: '500', AUTH_BREAKER_FAILURES: '10000' };
    setup = await startAuthSetup({ env });
    second = await replica();
    key = generateKey('production');
    setup.auth.know(key, FACTS);
    expect(await statusOf(setup.gateway, key)).toBe(200);
    await eventually(async () => (await names()).length === 1);
  });
  afterEach(async () => {
    await client.disconnect();
    await setup.close();
  });

  async function replica(): Promise<TestGateway> {
    const gateway = await setup.replica();
    await eventually(async () => (await metric(gateway, 'redis_up')) === 1);
    return gateway;
  }
  const names = (): Promise<string[]> => client.keys(FACTS_NAMES);
  const outage = (): void => setup.auth.override((_request, response) => sendJson(response, 500, {}));
  const users = (): unknown[] => setup.mlflow.requests.map(({ headers }) => headers['x-hokusai-user-id']);
  const redisUs = async (): Promise<number> => {
    const [seconds, micros] = await client.sendCommand<string[]>(['TIME']);
    return Number(seconds) * 1e6 + Number(micros);
  };
  const refused = (gateway: TestGateway, kind: string, fault: string): Promise<number> =>
    metric(gateway, 'auth_shared_values_refused_total', `{kind="${kind}",fault="${fault}"}`);

  it.each<[string, string, (own: string, nowUs: number) => unknown]>([
    ['facts without a signature', 'unsigned', (_own, nowUs) => unsignedFacts(nowUs)],
    [
      'facts that were changed',
      'signature',
      (own) => {
        const entry = JSON.parse(own) as { content?: string };
        return { ...entry, content: entry.content?.replace('"u1"', '"root"') };
      },
    ],
    ['facts with a made-up signature', 'signature', (_own, nowUs) => factsWithMadeUpSignature(nowUs)],
  ])('makes nobody of a key: %s', async (_what, fault, forge) => {
    const [name = ''] = await names();
    await client.set(name, JSON.stringify(forge((await client.get(name)) ?? '', await redisUs())));
    expect(await statusOf(second, key)).toBe(200);
    expect(users()).toEqual(['u1', 'u1']);
    expect(await refused(second, 'facts', fault)).toBe(1);
  });

  it('makes no key of another: facts that were copied to its name', async () => {
    const other = generateKey('production');
    setup.auth.know(other, { ...FACTS, key_id: 'k2', user_id: 'u2' });
    const [own = ''] = await names();
    expect(await statusOf(setup.gateway, other)).toBe(200);
    const all = await eventually(async () => ((await names()).length === 2 ? names() : undefined));
    const otherName = all.find((name) => name !== own) ?? '';
    await client.set(otherName, (await client.get(own)) ?? '');
    expect(await statusOf(second, other)).toBe(200);
    expect(users().at(-1)).toBe('u2');
    expect(await refused(second, 'facts', 'signature')).toBe(1);
  });

  it('costs one call where it is too long to be facts', async () => {
    const [name = ''] = await names();
    await client.set(name, 'x'.repeat(5_000_000));
    expect(await statusOf(second, key)).toBe(200);
    expect(await refused(second, 'facts', 'size')).toBe(1);
  });

  it('closes no key: messages and tombstones without a signature', async () => {
    outage();
    const at = String(await redisUs());
    await client.publish(INVALIDATION_CHANNEL, JSON.stringify({ subject: 'id:k1', at_us: at }));
    await client.zAdd(TOMBSTONE_INDEX, { value: 'id:k1', score: Number(at) });
    await client.hSet(SIGNED_TOMBSTONES, 'id:k1', `${at}.${NO_SIGNATURE}`);
    await eventually(async () => (await refused(setup.gateway, 'tombstone', 'signature')) > 0);
    expect(await refused(setup.gateway, 'message', 'unsigned')).toBe(1);
    expect(await statusOf(setup.gateway, key)).toBe(200);
    expect(await metric(setup.gateway, 'auth_tombstones')).toBe(0);
    expect(setup.gateway.logs.of('shared_value_refused').length).toBeGreaterThan(0);
  });

  it.each<[string, (nowUs: number) => Promise<unknown>]>([
    [
      'a tombstone that looks later',
      (us) => client.hSet(SIGNED_TOMBSTONES, 'id:k1', `${us + 60_000_000}.junk`),
    ],
    ['a tombstone of the far future', (us) => client.hSet(SIGNED_TOMBSTONES, 'id:k1', `${us * 2}.junk`)],
    ['a clock far ahead', (us) => client.zAdd(TOMBSTONE_INDEX, { value: 'clock', score: us * 2 })],
    [
      'a clock a little ahead',
      (us) => client.zAdd(TOMBSTONE_INDEX, { value: 'clock', score: us + 60_000_000 }),
    ],
    ['something else in place of the index', () => client.set(TOMBSTONE_INDEX, 'x')],
    ['something else in place of the tombstones', () => client.set(SIGNED_TOMBSTONES, 'x')],
    [
      'thousands of tombstones that look later',
      (us) =>
        client.zAdd(
          TOMBSTONE_INDEX,
          Array.from({ length: 3000 }, (_, i) => ({ value: `id:x${i}`, score: us + 100 * i })),
        ),
    ],
  ])('does not keep a revocation from the other replicas: %s', async (_what, forge) => {
    expect(await statusOf(second, key)).toBe(200);
    await forge(await redisUs());
    // Messages are lost, so that what lies in Redis alone decides.
    await client.sendCommand(['CLIENT', 'KILL', 'TYPE', 'pubsub']);
    outage();
    expect((await invalidate(setup.gateway, { key_id: 'k1' })).status).toBe(202);
    await eventually(async () => (await statusOf(second, key)) === 503, { timeoutMs: 3000, intervalMs: 20 });
    expect(await statusOf(await replica(), key)).toBe(503);
  });

  it('keeps no facts fresh: a clock that was far ahead when they were stored', async () => {
    await client.zAdd(TOMBSTONE_INDEX, { value: 'clock', score: (await redisUs()) + 200_000_000 });
    const other = generateKey('production');
    setup.auth.know(other, { ...FACTS, key_id: 'k2' });
    expect(await statusOf(setup.gateway, other)).toBe(200);
    await eventually(async () => (await names()).length === 2);
    await client.zRem(TOMBSTONE_INDEX, 'clock');
    outage();
    expect(await statusOf(second, other)).toBe(503);
    expect(await refused(second, 'facts', 'future')).toBe(1);
  });

  it('does not bring back facts from before a revocation, also where the tombstone was taken away', async () => {
    const [name = ''] = await names();
    const before = (await client.get(name)) ?? '';
    await invalidate(setup.gateway, { key_id: 'k1' });
    await eventually(async () => (await metric(second, 'auth_tombstones')) === 1);
    await client.flushAll();
    await client.set(name, before);
    outage();
    expect(await statusOf(second, key)).toBe(503);
    // One that starts later learns it from those that know.
    await eventually(async () => (await client.hExists(SIGNED_TOMBSTONES, 'id:k1')) === true);
    expect(await statusOf(await replica(), key)).toBe(503);
  });
});
