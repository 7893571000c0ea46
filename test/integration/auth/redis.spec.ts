import { createClient } from 'redis';
import { generateKey } from '../../../src/lib/keys/key-format.js';
import { eventually } from '../../support/lib/eventually.js';
import { sendJson } from '../../support/servers/recording-upstream.js';
import { startRedisServer, type RedisServer } from '../../support/servers/redis-server.js';
import { metricsOf } from '../../support/lib/metrics.js';
import { ask, invalidate, metric, startAuthSetup, statusOf, withKey, type AuthSetup } from './setup.js';

let redis: RedisServer;
let setup: AuthSetup;
let client: ReturnType<typeof createClient>;
let KEY: string;
beforeAll(async () => {
  redis = await startRedisServer();
});
afterAll(() => redis?.close());
beforeEach(async () => {
  KEY = generateKey('production');
  client = await connected();
  await client.flushAll();
  const env = { REDIS_URL: redis.url, AUTH_BREAKER_FAILURES: '10000', REDIS_COMMAND_TIMEOUT_MS: '500' };
  setup = await startAuthSetup({ env });
  await eventually(async () => (await metric(setup.gateway, 'redis_up')) === 1);
  setup.auth.know(KEY, { valid: true, key_id: 'k1', allowed_ips: null });
});
afterEach(async () => {
  await client?.disconnect();
  await setup?.close();
});
async function connected(): Promise<ReturnType<typeof createClient>> {
  const one = createClient({ url: redis.url });
  one.on('error', () => undefined);
  await one.connect();
  return one;
}
const facts = (): Promise<string[]> => client.keys('key:validation:*');
const another = async (env: Record<string, string> = {}): Promise<AuthSetup['gateway']> => {
  const gateway = await setup.replica(env);
  await eventually(async () => (await metric(gateway, 'redis_up')) === 1);
  return gateway;
};
const outage = (): void => setup.auth.override((_request, response) => sendJson(response, 500, {}));

it('what one replica fetched another need not ask for', async () => {
  expect(await statusOf(setup.gateway)).toBe(401);
  expect(await statusOf(setup.gateway, KEY)).toBe(200);
  await eventually(async () => (await facts()).length === 1);
  const calls = setup.auth.calls.length;
  const second = await another();
  expect(await statusOf(second, KEY)).toBe(200);
  expect(setup.auth.calls.length).toBe(calls);
  expect(await metric(second, 'auth_cache_lookups_total', '{result="shared"}')).toBe(1);
});

it('facts live in Redis for their longest window, refusals not at all', async () => {
  await statusOf(setup.gateway, KEY);
  await statusOf(setup.gateway, 'a-bad-key');
  const [name = ''] = await eventually(async () => ((await facts()).length === 1 ? facts() : undefined));
  const ttlMs = await client.pTTL(name);
  expect(ttlMs).toBeGreaterThan(1_200_000);
  expect(ttlMs).toBeLessThanOrEqual(1_500_000);
});

it('facts for another service, or under another secret, are not taken', async () => {
  await statusOf(setup.gateway, KEY);
  await eventually(async () => (await facts()).length === 1);
  outage();
  expect(await statusOf(await another({ AUTH_SERVICE_ID: 'billing' }), KEY)).toBe(503);
  expect(await statusOf(await another({ CACHE_HMAC_SECRET: 'another-secret-of-16' }), KEY)).toBe(503);
});

it.each(['nonsense', '{"version":1}', '{"valid":true}', '[]', 'null'])(
  'a key whose entry in Redis is not valid, %s, is asked about again',
  async (value) => {
    await statusOf(setup.gateway, KEY);
    const [name = ''] = await eventually(async () => ((await facts()).length === 1 ? facts() : undefined));
    await client.set(name, value);
    const calls = setup.auth.calls.length;
    expect(await statusOf(await another(), KEY)).toBe(200);
    expect(setup.auth.calls.length).toBe(calls + 1);
  },
);

it('a refusal removes the facts from Redis', async () => {
  await statusOf(setup.gateway, KEY);
  await eventually(async () => (await facts()).length === 1);
  setup.auth.forget(KEY);
  await invalidate(setup.gateway, { key_id: 'k1' });
  expect(await statusOf(setup.gateway, KEY)).toBe(401);
  await eventually(async () => (await facts()).length === 0);
});

describe('without Redis', () => {
  it.each<['pause' | 'kill']>([['pause'], ['kill']])(
    'after a %s known keys and new ones go on',
    async (how) => {
      expect(await statusOf(setup.gateway, KEY)).toBe(200);
      if (how === 'pause') redis.pause();
      else await redis.kill();
      const start = performance.now();
      expect(await statusOf(setup.gateway, KEY)).toBe(200);
      const other = generateKey('staging');
      setup.auth.know(other, { valid: true });
      expect(await statusOf(setup.gateway, other)).toBe(200);
      expect(await statusOf(setup.gateway, 'a-bad-key')).toBe(401);
      // A few missed deadlines of 500 ms, not one for every command.
      expect(performance.now() - start).toBeLessThan(4000);
      if (how === 'pause') redis.resume();
      else await redis.start();
      await eventually(async () => (await metric(setup.gateway, 'redis_up')) === 1);
      const third = generateKey('staging');
      setup.auth.know(third, { valid: true, allowed_ips: null });
      expect(await statusOf(setup.gateway, third)).toBe(200);
      if (how === 'kill') {
        client = client.duplicate();
        await client.connect();
      }
      await eventually(async () => (await facts()).length >= 1);
    },
  );
});

it('a Redis that dies under look-ups that wait for it takes nothing with it', async () => {
  // What waits for a paused server fails when it dies, long after the requests have their answers: a failure that
  // nobody handles then would end the process, and fails this test.
  redis.pause();
  const keys = Array.from({ length: 20 }, () => generateKey('staging'));
  for (const key of keys) setup.auth.know(key, { valid: true });
  const statuses = await Promise.all(keys.map((key) => statusOf(setup.gateway, key)));
  await redis.kill();
  await redis.start();
  await eventually(async () => (await metric(setup.gateway, 'redis_up')) === 1);
  expect(new Set(statuses)).toEqual(new Set([200]));
});

it('no key is in any Redis name or value, message, log, metric or answer', async () => {
  const bad = generateKey('development');
  const listener = client.duplicate();
  await listener.connect();
  const messages: string[] = [];
  await listener.pSubscribe('*', (message, channel) => messages.push(channel + message));
  setup.auth.know(KEY, { valid: true, key_id: 'k1', user_id: 'u1', scopes: ['mlflow:access'] });
  const answers: string[] = [];
  for (const key of [KEY, bad])
    for (const headers of [
      withKey(key),
      { 'x-api-key': key },
      { authorization: key },
      { authorization: `Bearer ${key}`, 'x-api-key': 'other' },
    ]) {
      const answer = await ask(setup.gateway, headers, `/api/mlflow/x?api_key=${key}`);
      answers.push(JSON.stringify([answer.problem, ...answer.headers]));
    }
  outage();
  await ask(setup.gateway, withKey(generateKey('staging')));
  for (const key of [KEY, bad])
    answers.push(await (await invalidate(setup.gateway, { api_key: key })).text());
  await eventually(() => messages.length >= 2);

  const stored: string[] = [];
  for (const name of await client.keys('*')) {
    stored.push(name, Buffer.from((await client.dump(name)) ?? '').toString('latin1'));
    if ((await client.type(name)) === 'string') stored.push((await client.get(name)) ?? '');
  }
  expect(stored.length).toBeGreaterThan(2);
  const metrics = await metricsOf(setup.gateway);
  const everything = [setup.gateway.logs.raw, metrics, ...stored, ...messages, ...answers].join('\n');
  for (const key of [KEY, bad]) expect(everything).not.toContain(key.slice(8, 40));
  await listener.disconnect();
});
