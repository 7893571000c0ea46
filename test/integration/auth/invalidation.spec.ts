import { randomUUID } from 'node:crypto';
import { createClient } from 'redis';
import { eventually } from '../../support/lib/eventually.js';
import { sendJson } from '../../support/servers/recording-upstream.js';
import { startRedisServer, type RedisServer } from '../../support/servers/redis-server.js';
import type { TestGateway } from '../../support/systems/gateway.js';
import {
  ADMIN_TOKEN,
  invalidate,
  KEY,
  metric,
  OTHER_KEY,
  startAuthSetup,
  statusOf,
  type AuthSetup,
} from './setup.js';

const FACTS = { valid: true, key_id: 'k1', user_id: 'u1', allowed_ips: null };
const ENV = { AUTH_BREAKER_FAILURES: '10000' };
let setup: AuthSetup;
const outage = (): void => setup.auth.override((_request, response) => sendJson(response, 500, {}));

describe('POST /internal/keys/invalidate', () => {
  beforeAll(async () => {
    setup = await startAuthSetup({ env: ENV });
  });
  afterAll(() => setup?.close());

  it.each<[string, Record<string, string>, number, string]>([
    ['no token', {}, 401, 'Admin token required'],
    ['a wrong token', { authorization: 'Bearer wrong-admin-token-here' }, 401, 'Admin token required'],
    ['an API key', { authorization: `Bearer ${KEY}` }, 401, 'Admin token required'],
    ['the token in another scheme', { authorization: `ApiKey ${ADMIN_TOKEN}` }, 401, 'Admin token required'],
  ])('with %s is 401', async (_name, headers, status, detail) => {
    const answer = await invalidate(setup.gateway, { key_id: 'k1' }, headers);
    expect([answer.status, await answer.json()]).toMatchObject([status, { detail }]);
  });

  it('without any admin token configured does not exist', async () => {
    const closed = await setup.replica({ GATEWAY_ADMIN_TOKEN: '' });
    for (const headers of [{}, { authorization: `Bearer ${ADMIN_TOKEN}` }]) {
      const answer = await invalidate(closed, { key_id: 'k1' }, headers as Record<string, string>);
      expect([answer.status, await answer.json()]).toMatchObject([404, { error_code: 'ENDPOINT_NOT_FOUND' }]);
    }
  });

  it.each([
    { GATEWAY_ADMIN_TOKEN: '', HOKUSAI_ADMIN_TOKEN: ADMIN_TOKEN },
    { GATEWAY_ADMIN_TOKEN: `first-token-0123456, ${ADMIN_TOKEN}` },
  ])('takes the fallback and each of several tokens', async (env) => {
    const other = await setup.replica(env as Record<string, string>);
    expect((await invalidate(other, { key_id: 'nobody' })).status).toBe(202);
  });

  it.each<[string, unknown, number]>([
    ['a key id', { key_id: 'k9' }, 202],
    ['key ids', { key_ids: ['k9', 'k10', 'k9'] }, 202],
    ['as many key ids as fit', { key_ids: Array.from({ length: 256 }, () => randomUUID()) }, 202],
    ['more of them', { key_ids: Array.from({ length: 257 }, (_, n) => `k${n}`) }, 400],
    ['no key ids', { key_ids: [] }, 400],
    ['a number among them', { key_ids: ['k9', 7] }, 400],
    ['an id in place of ids', { key_ids: 'k9' }, 400],
    ['one and many', { key_id: 'k9', key_ids: ['k9'] }, 400],
    ['a key', { api_key: OTHER_KEY }, 202],
    ['both', { key_id: 'k9', api_key: OTHER_KEY }, 400],
    ['neither', {}, 400],
    ['an empty id', { key_id: '' }, 400],
    ['a number', { key_id: 7 }, 400],
    ['null', { api_key: null }, 400],
    ['a list', [], 400],
    ['no JSON', '{"key_id":', 400],
    ['too much', { key_id: 'k', padding: 'x'.repeat(20_000) }, 413],
  ])('with %s', async (_name, body, status) => {
    const answer = await invalidate(setup.gateway, body);
    expect(answer.status).toBe(status);
    const text = await answer.text();
    expect(text).not.toContain(OTHER_KEY);
    if (status === 202)
      expect(JSON.parse(text)).toEqual({ invalidated_at: new Date(setup.clock.now()).toISOString() });
  });

  it('with a content type other than JSON is 415', async () => {
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'text/plain' };
    expect((await invalidate(setup.gateway, '{"key_id":"k1"}', headers)).status).toBe(415);
  });
});

describe('an invalidated key', () => {
  beforeEach(async () => {
    setup = await startAuthSetup({ env: ENV });
    setup.auth.know(KEY, FACTS);
    expect(await statusOf(setup.gateway)).toBe(200);
  });
  afterEach(() => setup?.close());

  it.each([{ key_id: 'k1' }, { key_ids: ['k0', 'k1'] }, { api_key: KEY }])(
    'by %j is asked for again at once',
    async (body) => {
      setup.auth.forget(KEY);
      expect((await invalidate(setup.gateway, body)).status).toBe(202);
      expect(await statusOf(setup.gateway)).toBe(401);
    },
  );

  it.each([{ key_id: 'k1' }, { api_key: KEY }])(
    'by %j is 503 while the auth service is down, fresh facts or stale, until a later call answers',
    async (body) => {
      await invalidate(setup.gateway, body);
      outage();
      expect(await statusOf(setup.gateway)).toBe(503);
      setup.clock.advance(400_000);
      expect(await statusOf(setup.gateway)).toBe(503);
      setup.auth.override();
      expect(await statusOf(setup.gateway)).toBe(200);
      outage();
      expect(await statusOf(setup.gateway)).toBe(200);
    },
  );

  it('by its key is no longer refused either, where it was', async () => {
    expect(await statusOf(setup.gateway, OTHER_KEY)).toBe(401);
    setup.auth.know(OTHER_KEY, FACTS);
    expect(await statusOf(setup.gateway, OTHER_KEY)).toBe(401);
    await invalidate(setup.gateway, { api_key: OTHER_KEY });
    expect(await statusOf(setup.gateway, OTHER_KEY)).toBe(200);
  });

  it('leaves all other keys alone', async () => {
    setup.auth.know(OTHER_KEY, { ...FACTS, key_id: 'k2' });
    expect(await statusOf(setup.gateway, OTHER_KEY)).toBe(200);
    await invalidate(setup.gateway, { key_id: 'k1' });
    outage();
    expect(await statusOf(setup.gateway, OTHER_KEY)).toBe(200);
  });

  it('takes the answer of a call that was under way for no answer', async () => {
    let answer = (): void => undefined;
    setup.auth.know(OTHER_KEY, (_call, response) => {
      // The old facts, held back until after the invalidation; a later call hears of the revocation.
      setup.auth.forget(OTHER_KEY);
      answer = () => sendJson(response, 200, { ...FACTS, key_id: 'k2' });
    });
    const status = statusOf(setup.gateway, OTHER_KEY);
    await eventually(() => setup.auth.calls.some((call) => call.apiKey === OTHER_KEY));
    await invalidate(setup.gateway, { key_id: 'k2' });
    answer();
    expect(await status).toBe(401);
    expect(await statusOf(setup.gateway, OTHER_KEY)).toBe(401);
  });
});

describe('on several replicas', () => {
  let redis: RedisServer;
  let second: TestGateway;
  beforeEach(async () => {
    redis = await startRedisServer();
    setup = await startAuthSetup({ env: { ...ENV, REDIS_URL: redis.url, REDIS_COMMAND_TIMEOUT_MS: '500' } });
    second = await setup.replica();
    setup.auth.know(KEY, FACTS);
    for (const gateway of [setup.gateway, second]) {
      await eventually(async () => (await metric(gateway, 'redis_up')) === 1);
      expect(await statusOf(gateway)).toBe(200);
    }
  });
  afterEach(async () => {
    await setup?.close();
    await redis?.close();
  });
  const tombstones = (gateway: TestGateway): Promise<number> => metric(gateway, 'auth_tombstones');

  it.each([{ key_id: 'k1' }, { api_key: KEY }])(
    'a revocation by %j holds on each within a second, while the auth service is down',
    async (body) => {
      outage();
      expect((await invalidate(setup.gateway, body)).status).toBe(202);
      expect(await statusOf(setup.gateway)).toBe(503);
      await eventually(async () => (await statusOf(second)) === 503, { timeoutMs: 1000, intervalMs: 5 });
      // A replica that starts later takes the old facts out of Redis no more.
      const third = await setup.replica();
      await eventually(async () => (await metric(third, 'redis_up')) === 1);
      expect(await statusOf(third)).toBe(503);
    },
  );

  it('a lost message costs half a second: tombstones are read in Redis as well', async () => {
    const client = createClient({ url: redis.url });
    client.on('error', () => undefined);
    await client.connect();
    await client.sendCommand(['CLIENT', 'KILL', 'TYPE', 'pubsub']);
    outage();
    await invalidate(setup.gateway, { key_id: 'k1' });
    await eventually(async () => (await statusOf(second)) === 503, { timeoutMs: 1000, intervalMs: 5 });
    await client.disconnect();
  });

  it('a replica that was cut off while Redis was paused catches up when it is back', async () => {
    redis.pause();
    outage();
    // Told directly, the replica itself needs no Redis.
    expect((await invalidate(setup.gateway, { key_id: 'k1' })).status).toBe(503);
    expect(await statusOf(setup.gateway)).toBe(503);
    expect(setup.gateway.logs.of('invalidation_not_shared')).not.toEqual([]);
    redis.resume();
    await eventually(async () => (await tombstones(second)) === 1, { what: 'the other replica knows' });
    expect(await statusOf(second)).toBe(503);
  });

  it.each<['pause' | 'kill']>([['pause'], ['kill']])(
    'a revocation is acknowledged once the others can know of it, and not while Redis is unavailable: %s',
    async (how) => {
      if (how === 'pause') redis.pause();
      else await redis.kill();
      const answer = await invalidate(setup.gateway, { key_id: 'k1' });
      expect([answer.status, answer.headers.get('retry-after'), await answer.json()]).toEqual([
        503,
        '1',
        expect.objectContaining({
          error_code: 'TEMPORARILY_UNAVAILABLE',
          type: expect.stringContaining('invalidation-not-shared'),
        }),
      ]);
      if (how === 'pause') redis.resume();
      else await redis.start();
      // What the key service does with it: the same again, until it is taken.
      await eventually(async () => (await invalidate(setup.gateway, { key_id: 'k1' })).status === 202);
      outage();
      expect(await statusOf(await setup.replica())).toBe(503);
    },
  );

  it('a Redis that lost its memory is given the tombstones again', async () => {
    await invalidate(setup.gateway, { key_id: 'k1' });
    await eventually(async () => (await tombstones(second)) === 1);
    await redis.kill();
    await redis.start();
    const client = createClient({ url: redis.url });
    client.on('error', () => undefined);
    await client.connect();
    await eventually(async () => (await client.zScore('key:tombstones', 'id:k1')) !== null);
    await client.disconnect();
    outage();
    expect(await statusOf(second)).toBe(503);
  });

  it('later facts hold on all of them again', async () => {
    await invalidate(setup.gateway, { key_id: 'k1' });
    await eventually(async () => (await tombstones(second)) === 1);
    expect(await statusOf(setup.gateway)).toBe(200);
    outage();
    expect(await statusOf(setup.gateway)).toBe(200);
    await eventually(async () => (await statusOf(second)) === 200);
  });
});
