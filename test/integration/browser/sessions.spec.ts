import { isDeepStrictEqual } from 'node:util';
import { createClient } from 'redis';
import { invalidate, KEY, metric, type AuthSetup } from '../auth/setup.js';
import { eventually } from '../../support/lib/eventually.js';
import { everythingIn } from '../../support/servers/redis-contents.js';
import { startRedisServer, type RedisServer } from '../../support/servers/redis-server.js';
import {
  ask,
  NAVIGATION,
  OWN_FETCH,
  postKey,
  SECRET,
  signIn,
  startSessionSetup,
  type Reply,
} from './session-client.js';

const WRONG_KEY = 'hk_live_a_wrong_key_of_the_tests_00';
const HOUR_MS = 3_600_000;
const CALL = '/mlflow/ajax-api/2.0/mlflow/runs/search';

const call = (url: string, cookie: string): Promise<Reply> =>
  ask(url + CALL, { headers: { ...OWN_FETCH, cookie } });

/** Status, the reason's header and the error's name of a call. */
async function fate(url: string, cookie: string): Promise<unknown[]> {
  const { status, headers, text } = await call(url, cookie);
  const type = status === 200 ? undefined : (JSON.parse(text) as { type: string }).type.split('/').at(-1);
  return [status, headers['x-session'], type];
}

const GOES_ON = [200, undefined, undefined];
const ENDED = [401, 'ended', 'session-ended'];

describe('a session', () => {
  let setup: AuthSetup;
  let url: string;
  beforeEach(async () => {
    setup = await startSessionSetup({ env: { RATE_LIMIT_FAILED_AUTH_PER_MINUTE: '5' } });
    url = setup.gateway.url;
    setup.auth.know(KEY, { valid: true, key_id: 'k1' });
  });
  afterEach(() => setup.close());

  it('6: ends with the revocation of its key; tabs that are left open do not lock their address out', async () => {
    const cookie = await signIn(url, KEY);
    expect(await fate(url, cookie)).toEqual(GOES_ON);
    setup.auth.forget(KEY);
    await invalidate(setup.gateway, { key_id: 'k1' });
    for (let i = 0; i < 20; i++) expect(await fate(url, cookie)).toEqual(ENDED);
    setup.auth.know('hk_live_the_key_of_a_neighbour_1');
    await signIn(url, 'hk_live_the_key_of_a_neighbour_1');
  });

  it('7: ends when its key does, and after SESSION_HOURS at the latest, however it is used', async () => {
    const cookie = await signIn(url, KEY);
    for (let hour = 0; hour < 11; hour++) {
      setup.clock.advance(HOUR_MS);
      expect(await fate(url, cookie)).toEqual(GOES_ON);
    }
    setup.clock.advance(HOUR_MS);
    expect(await fate(url, cookie)).toEqual(ENDED);

    const expires = new Date(setup.clock.now() + HOUR_MS).toISOString();
    setup.auth.know('hk_live_a_key_for_an_hour_only_1', { valid: true, expires_at: expires });
    const short = await signIn(url, 'hk_live_a_key_for_an_hour_only_1');
    setup.clock.advance(HOUR_MS - 1000);
    expect(await fate(url, short)).toEqual(GOES_ON);
    setup.clock.advance(1000);
    expect(await fate(url, short)).toEqual(ENDED);
  });

  it('7: says so where its key has lost the scope, or may not be used from this address', async () => {
    const cookie = await signIn(url, KEY);
    setup.auth.know(KEY, { valid: true, key_id: 'k1', scopes: [] });
    await invalidate(setup.gateway, { key_id: 'k1' });
    expect(await fate(url, cookie)).toEqual([403, 'forbidden', 'insufficient-scope']);
    const page = await ask(`${url}/mlflow/`, { headers: { ...NAVIGATION, cookie } });
    expect([page.status, page.headers['content-type']]).toEqual([403, 'text/html; charset=utf-8']);
    expect(page.text).toContain('mlflow:access');

    setup.auth.know(KEY, { valid: true, key_id: 'k1', allowed_ips: ['192.0.2.0/24'] });
    await invalidate(setup.gateway, { key_id: 'k1' });
    expect(await fate(url, cookie)).toEqual([403, 'forbidden', 'address-not-allowed']);
  });

  it('9: opens on every replica with its secret, and with an old one as long as that is in the list', async () => {
    const cookie = await signIn(url, KEY);
    const both = await setup.replica({ SESSION_SECRETS: `a-new-secret-of-sessions-of-the-tests,${SECRET}` });
    const after = await setup.replica({ SESSION_SECRETS: 'a-new-secret-of-sessions-of-the-tests' });
    expect(await fate(both.url, cookie)).toEqual(GOES_ON);
    expect(await fate(after.url, await signIn(both.url, KEY))).toEqual(GOES_ON);
    const calls = setup.auth.calls.length;
    expect(await fate(after.url, cookie)).toEqual(ENDED);
    for (let at = 0; at < cookie.length; at += 7) {
      if (at < 'mlflow_session='.length) continue;
      const changed = cookie.slice(0, at) + (cookie[at] === 'A' ? 'B' : 'A') + cookie.slice(at + 1);
      expect((await call(url, changed)).status).toBe(401);
    }
    expect(setup.auth.calls).toHaveLength(calls);
    expect(await metric(both, 'browser_sessions_opened')).toBe(1);
  });

  it('8: is over for good once it is signed out, also for a copy of its cookie', async () => {
    const cookie = await signIn(url, KEY);
    const other = await signIn(url, KEY);
    const headers = { ...NAVIGATION, 'sec-fetch-site': 'same-origin', origin: url, cookie };
    const reply = await ask(`${url}/mlflow/sign-out`, { method: 'POST', headers });
    expect([reply.status, reply.headers.location]).toEqual([303, '/mlflow/sign-in?why=signed-out']);
    expect(reply.headers['set-cookie']).toEqual([
      'mlflow_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax',
    ]);
    expect(await fate(url, cookie)).toEqual(ENDED);
    expect(await fate(url, other)).toEqual(GOES_ON);
    expect(setup.gateway.logs.of('session_signed_out')).toHaveLength(1);
    const back = await ask(`${url}/mlflow/`, { headers: { ...NAVIGATION, cookie } });
    expect(back.text).toContain('<form');
  });

  it('8: is not ended by a link, and a script hears of the end without a page', async () => {
    const cookie = await signIn(url, KEY);
    const page = await ask(`${url}/mlflow/sign-out`, { headers: { ...NAVIGATION, cookie } });
    expect(page.text).toContain('<form class="actions" method="post" action="/mlflow/sign-out">');
    expect(await fate(url, cookie)).toEqual(GOES_ON);
    const headers = { ...OWN_FETCH, origin: url, cookie };
    const reply = await ask(`${url}/mlflow/sign-out`, { method: 'POST', headers });
    expect([reply.status, reply.body.length]).toEqual([204, 0]);
    expect(await fate(url, cookie)).toEqual(ENDED);
  });

  it.each<[string, Record<string, string>]>([
    [
      'a form of another site',
      { ...NAVIGATION, 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
    ],
    [
      'a form of a sibling host',
      { ...NAVIGATION, 'sec-fetch-site': 'same-site', origin: 'http://127.0.0.2' },
    ],
    ['11: Origin: null', { 'sec-fetch-site': 'same-origin', origin: 'null' }],
    ['11: no Origin', {}],
    ['11: another port', { origin: 'http://127.0.0.1:1' }],
  ])('10: %s neither acts with it, nor signs in or out', async (_who, headers) => {
    const cookie = await signIn(url, KEY);
    setup.mlflow.requests.length = 0;
    for (const path of [CALL, '/mlflow/sign-out', '/mlflow/sign-in']) {
      const reply = await ask(url + path, { method: 'POST', headers: { ...headers, cookie }, body: '' });
      expect([path, reply.status, reply.headers['set-cookie']]).toEqual([path, 403, undefined]);
      expect(reply.text).toContain('cross-site-request');
    }
    expect(setup.mlflow.requests).toHaveLength(0);
    expect(await fate(url, cookie)).toEqual(GOES_ON);
  });

  it.each<[string, Record<string, string>, number]>([
    [
      'a fetch of a sibling host',
      { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'empty' },
      403,
    ],
    [
      'an image in another site',
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' },
      403,
    ],
    [
      'a frame in a sibling host',
      { ...NAVIGATION, 'sec-fetch-site': 'same-site', 'sec-fetch-dest': 'iframe' },
      403,
    ],
    ['a link in another site', { ...NAVIGATION, 'sec-fetch-site': 'cross-site' }, 200],
  ])('10: %s gets %s', async (_who, headers, status) => {
    const cookie = await signIn(url, KEY);
    expect((await ask(`${url}/mlflow/`, { headers: { ...headers, cookie } })).status).toBe(status);
  });

  it('14.23: goes on behind a proxy that rewrites Host, by what the browser says', async () => {
    const cookie = await signIn(url, KEY);
    const headers = { ...OWN_FETCH, origin: 'https://registry.example', cookie };
    expect((await ask(url + CALL, { method: 'POST', headers })).status).toBe(200);
  });

  it('shows its owner what its key is and may, and what is left', async () => {
    setup.auth.know(KEY, {
      valid: true,
      key_id: 'k<1>',
      user_id: 'ana',
      scopes: ['mlflow:access', 'model:read'],
      allowed_ips: ['127.0.0.0/8'],
      rate_limit_per_hour: 5000,
    });
    await invalidate(setup.gateway, { api_key: KEY });
    const cookie = await signIn(url, KEY);
    const { status, text } = await ask(`${url}/mlflow/session`, { headers: { ...NAVIGATION, cookie } });
    expect(status).toBe(200);
    for (const part of [
      'hk_live_0123…',
      'k&lt;1&gt;',
      'ana',
      'mlflow:access, model:read',
      '127.0.0.0/8',
      '4,999 of 5,000',
    ])
      expect(text).toContain(part);
    expect(text).not.toContain(KEY);
    expect((await ask(`${url}/mlflow/session`, { method: 'HEAD' })).headers['x-session']).toBe('ended');
    const program = await ask(`${url}/mlflow/session`, { headers: { authorization: `Bearer ${KEY}` } });
    expect(program.status).toBe(200);
  });
});

const SIGNED_OUT = 'mlflow-gateway:sessions:ended';

/** Until both replicas have read sign-outs once more. */
async function hasRead(client: ReturnType<typeof createClient>): Promise<void> {
  const reads = async (): Promise<number> =>
    [...(await client.info('commandstats')).matchAll(/cmdstat_zrangebyscore:calls=(\d+)/g)].reduce(
      (sum, [, calls]) => sum + Number(calls),
      0,
    );
  const before = await reads();
  await eventually(async () => (await reads()) >= before + 20, { timeoutMs: 8000, what: 'more reads' });
}

describe('replicas that share Redis', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedisServer();
  });
  afterAll(() => redis.close());

  it('8: all end a session that was signed out on one of them, within a second', async () => {
    const setup = await startSessionSetup({ env: { REDIS_URL: redis.url } });
    setup.auth.know(KEY);
    const other = await setup.replica();
    const { url } = setup.gateway;
    const cookie = await signIn(url, KEY);
    expect(await fate(other.url, cookie)).toEqual(GOES_ON);
    await ask(`${url}/mlflow/sign-out`, { method: 'POST', headers: { ...OWN_FETCH, origin: url, cookie } });
    const status = async (): Promise<boolean> => (await call(other.url, cookie)).status === 401;
    await eventually(status, { timeoutMs: 1000, what: 'the end of the session on the other replica' });
    const late = await setup.replica();
    await eventually(async () => (await call(late.url, cookie)).status === 401, { timeoutMs: 1000 });
    await setup.close();
  });

  it('tell one that starts later of a sign-out, also where Redis has lost all that it held', async () => {
    const setup = await startSessionSetup({ env: { REDIS_URL: redis.url } });
    const client = createClient({ url: redis.url });
    await client.connect();
    try {
      setup.auth.know(KEY);
      const { url } = setup.gateway;
      const cookie = await signIn(url, KEY);
      await ask(`${url}/mlflow/sign-out`, { method: 'POST', headers: { ...OWN_FETCH, origin: url, cookie } });
      await client.flushAll();
      await eventually(async () => (await client.zCard(SIGNED_OUT)) > 0, {
        what: 'the sign-out in Redis again',
      });
      const late = await setup.replica();
      await eventually(async () => (await call(late.url, cookie)).status === 401, { timeoutMs: 1000 });
    } finally {
      await client.quit();
      await setup.close();
    }
  });

  it('6: all end the sessions of a key that is revoked at one of them, within a second', async () => {
    // Else the key has the id by which tests before this one knew it.
    const client = createClient({ url: redis.url });
    await client.connect();
    await client.flushAll();
    await client.quit();
    const setup = await startSessionSetup({ env: { REDIS_URL: redis.url } });
    setup.auth.know(KEY, { valid: true, key_id: 'k1' });
    const other = await setup.replica();
    const { url } = setup.gateway;
    const cookies = [await signIn(url, KEY), await signIn(other.url, KEY)];
    const fates = (): Promise<unknown[]> =>
      Promise.all([url, other.url].flatMap((at) => cookies.map((cookie) => fate(at, cookie))));
    expect(await fates()).toEqual(Array.from({ length: 4 }, () => GOES_ON));
    setup.auth.forget(KEY);
    expect((await invalidate(setup.gateway, { key_id: 'k1' })).status).toBe(202);
    await eventually(async () => (await fates()).every((one) => isDeepStrictEqual(one, ENDED)), {
      timeoutMs: 1000,
      intervalMs: 5,
      what: 'the end of all sessions of the key',
    });
    await setup.close();
  });

  it('5: hold no key and no cookie in Redis, and send none through it', async () => {
    const client = createClient({ url: redis.url });
    await client.connect();
    await client.flushAll();
    const listener = client.duplicate();
    await listener.connect();
    const sent: string[] = [];
    await listener.pSubscribe('*', (message, channel) => sent.push(channel, message));

    const setup = await startSessionSetup({ env: { REDIS_URL: redis.url } });
    setup.auth.know(KEY, { valid: true, key_id: 'k1', user_id: 'ana' });
    const { url } = setup.gateway;
    const cookie = await signIn(url, KEY);
    expect(await fate(url, cookie)).toEqual(GOES_ON);
    await postKey(url, WRONG_KEY);
    const ended = await signIn(url, KEY);
    await ask(`${url}/mlflow/sign-out`, {
      method: 'POST',
      headers: { ...OWN_FETCH, origin: url, cookie: ended },
    });
    await invalidate(setup.gateway, { key_id: 'another' });
    await eventually(async () => (await client.exists(SIGNED_OUT)) === 1 && sent.length > 0);

    const held = await everythingIn(client);
    expect(held.length).toBeGreaterThan(3);
    const secrets = [KEY, WRONG_KEY, ...[cookie, ended].map((one) => one.slice('mlflow_session='.length))];
    for (const secret of secrets)
      for (const form of [
        secret,
        Buffer.from(secret).toString('base64'),
        Buffer.from(secret).toString('hex'),
      ])
        expect([...held, ...sent].join('\n')).not.toContain(form);
    await setup.close();
    await listener.quit();
    await client.quit();
  });

  it('end no session by the word of somebody else who may write into Redis', async () => {
    const setup = await startSessionSetup({ env: { REDIS_URL: redis.url } });
    setup.auth.know(KEY);
    const { url } = setup.gateway;
    const cookie = await signIn(url, KEY);
    await ask(`${url}/mlflow/sign-out`, {
      method: 'POST',
      headers: { ...OWN_FETCH, origin: url, cookie: await signIn(url, KEY) },
    });
    const client = createClient({ url: redis.url });
    await client.connect();
    const ends = await eventually(async () => {
      const found = await client.zRangeWithScores(SIGNED_OUT, 0, -1);
      return found.length > 0 && found;
    });
    const [{ value, score }] = ends.slice(-1) as [{ value: string; score: number }];
    const [jti, end, signature] = value.split(' ');
    for (const forged of [
      `${jti}x ${end} ${signature}`,
      `another ${end}`,
      `another ${end} ${'A'.repeat(43)}`,
      'x',
      '',
    ])
      await client.zAdd(SIGNED_OUT, { value: forged, score: score + 1 });
    const learned = async (): Promise<number> => metric(setup.gateway, 'browser_sessions_ended');
    const late = await setup.replica();
    await eventually(async () => (await metric(late, 'browser_sessions_ended')) >= 1);
    expect(await learned()).toBe(await metric(late, 'browser_sessions_ended'));
    expect(await fate(late.url, cookie)).toEqual(GOES_ON);
    await client.quit();
    await setup.close();
  });

  it.each<[string, (client: ReturnType<typeof createClient>) => Promise<unknown>]>([
    ['a time far ahead', (client) => client.zAdd(SIGNED_OUT, { value: 'forged', score: 9e15 })],
    ['an endless time', (client) => client.zAdd(SIGNED_OUT, { value: 'forged', score: Infinity })],
    ['a name that holds something else', (client) => client.set(SIGNED_OUT, 'forged')],
    [
      'more members than one page, all of one time',
      (client) =>
        client.zAdd(
          SIGNED_OUT,
          Array.from({ length: 2500 }, (_, at) => ({ value: `forged ${at}`, score: Date.now() })),
        ),
    ],
  ])('learn of a sign-out whatever somebody else has written before: %s', async (_what, forge) => {
    const setup = await startSessionSetup({ env: { REDIS_URL: redis.url } });
    setup.auth.know(KEY);
    const client = createClient({ url: redis.url });
    await client.connect();
    await client.del(SIGNED_OUT);
    await forge(client);
    try {
      const other = await setup.replica();
      const { url } = setup.gateway;
      const cookie = await signIn(url, KEY);
      await hasRead(client);
      await ask(`${url}/mlflow/sign-out`, { method: 'POST', headers: { ...OWN_FETCH, origin: url, cookie } });
      await eventually(async () => (await call(other.url, cookie)).status === 401, { timeoutMs: 2000 });
    } finally {
      await client.quit();
      await setup.close();
    }
  });
});
