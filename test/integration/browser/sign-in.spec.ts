import { KEY, OTHER_KEY, type AuthSetup } from '../auth/setup.js';
import { startTestGateway } from '../../support/systems/gateway.js';
import {
  ask,
  cookieOf,
  NAVIGATION,
  OWN_FETCH,
  postKey,
  signIn,
  startSessionSetup,
} from './session-client.js';

const LIMITED_KEY = 'hk_live_a_key_with_less_than_others';

describe('signing in to MLflow by browser', () => {
  let setup: AuthSetup;
  let url: string;
  beforeAll(async () => {
    setup = await startSessionSetup({ env: { RATE_LIMIT_FAILED_AUTH_PER_MINUTE: '100' } });
    url = setup.gateway.url;
    setup.auth.know(KEY);
  });
  afterAll(() => setup.close());
  beforeEach(() => (setup.mlflow.requests.length = 0));

  it('1: a person who opens the UI without a session gets 401 and the form in its place', async () => {
    const page = await ask(`${url}/mlflow/`, { headers: NAVIGATION });
    expect(page.status).toBe(401);
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.headers['www-authenticate']).toBe('Bearer realm="mlflow"');
    expect(page.headers['cache-control']).toBe('no-store');
    expect(page.text).toContain('<form method="post" action="/mlflow/sign-in">');
    const deep = await ask(`${url}/mlflow/get-artifact?path=a%20b`, { headers: NAVIGATION });
    expect(deep.text).toContain('name="next" value="/mlflow/get-artifact?path=a%20b"');
    expect(setup.mlflow.requests).toHaveLength(0);
  });

  it.each<[string, string, Record<string, string>]>([
    ['the Python client', '/api/mlflow/api/2.0/mlflow/runs/search', { accept: '*/*' }],
    ['the UI mount as a tracking URI', '/mlflow/api/2.0/mlflow/runs/search', { accept: '*/*' }],
    ['curl', '/mlflow/', { accept: '*/*' }],
    ["a page's own call", '/mlflow/ajax-api/2.0/mlflow/runs/search', OWN_FETCH],
    ['a frame', '/mlflow/', { ...NAVIGATION, 'sec-fetch-dest': 'iframe' }],
    ['a navigation to the API mount', '/api/mlflow/api/2.0/mlflow/runs/get?run_id=1', NAVIGATION],
    [
      'a navigation with a key that is refused',
      '/mlflow/',
      { ...NAVIGATION, authorization: `Bearer ${OTHER_KEY}` },
    ],
  ])('1: %s gets the problem as it is', async (_who, path, headers) => {
    const reply = await ask(url + path, { headers });
    expect(reply.status).toBe(401);
    expect(reply.headers['content-type']).toBe('application/problem+json');
    expect(setup.mlflow.requests).toHaveLength(0);
  });

  it('leads from the address that the Python client prints to the UI, with no body of its own', async () => {
    for (const path of ['/api/mlflow/', '/api/mlflow']) {
      const reply = await ask(url + path, { headers: NAVIGATION });
      expect([reply.status, reply.headers.location, reply.body.length]).toEqual([303, '/mlflow/', 0]);
    }
    expect((await ask(`${url}/api/mlflow/`, { headers: { accept: '*/*' } })).status).toBe(401);
    expect((await ask(`${url}/api/mlflow/?a=1/../`, { headers: OWN_FETCH })).status).toBe(401);
  });

  it('begins a session with a good key, and goes on to where its reader was', async () => {
    const reply = await postKey(url, KEY, { next: '/mlflow/?workspace=a' });
    expect([reply.status, reply.headers.location, reply.body.length]).toEqual([
      303,
      '/mlflow/?workspace=a',
      0,
    ]);
    expect(reply.headers['set-cookie']).toEqual([
      expect.stringMatching(/^mlflow_session=[\w.-]+; Path=\/; Max-Age=43200; HttpOnly; SameSite=Lax$/),
    ]);
    const cookie = cookieOf(reply);
    const page = await ask(`${url}/mlflow/`, { headers: { ...NAVIGATION, cookie } });
    expect(page.status).toBe(200);
    const call = await ask(`${url}/mlflow/ajax-api/2.0/x`, {
      method: 'POST',
      headers: { ...OWN_FETCH, origin: url, cookie },
      body: '{}',
    });
    expect(call.status).toBe(200);
  });

  it('takes a key with white space around it, as pasting leaves it', async () => {
    expect((await postKey(url, ` ${KEY}\n`)).headers.location).toBe('/mlflow/');
  });

  it.each(['https://evil.example/', '//evil.example', '/mlflow/\\evil', '/api/v1/keys'])(
    'leads nowhere else: %s',
    async (next) => {
      expect((await postKey(url, KEY, { next })).headers.location).toBe('/mlflow/');
    },
  );

  it('5: a session is sealed: the key stands in no page, address or log, and its cookie reaches no MLflow', async () => {
    const cookie = await signIn(url, KEY);
    const headers = { ...OWN_FETCH, cookie: `a=b; ${cookie}; c=d` };
    for (const path of ['/mlflow/', '/mlflow/session', '/mlflow/sign-in?why=refused', '/mlflow/session.js'])
      expect((await ask(url + path, { headers })).text).not.toContain(KEY);
    await ask(`${url}/mlflow/x`, { headers: { cookie, authorization: `Bearer ${KEY}` } });
    await ask(`${url}/api/mlflow/x`, { headers: { cookie, authorization: `Bearer ${KEY}` } });
    expect(setup.mlflow.requests.map((request) => request.headers.cookie)).toEqual([
      'a=b; c=d',
      undefined,
      undefined,
    ]);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    for (const text of [setup.gateway.logs.raw, metrics, JSON.stringify(setup.mlflow.requests)]) {
      expect(text).not.toContain(KEY);
      expect(text).not.toContain(cookie.slice('mlflow_session='.length));
    }
  });

  it('12: a session opens nothing but the UI', async () => {
    const cookie = await signIn(url, KEY);
    expect(
      (await ask(`${url}/api/mlflow/api/2.0/mlflow/runs/search`, { headers: { ...OWN_FETCH, cookie } }))
        .status,
    ).toBe(401);
    for (const path of ['/internal/keys/invalidate', '/health/detailed'])
      expect(
        (
          await ask(url + path, {
            method: path.includes('keys') ? 'POST' : 'GET',
            headers: { cookie, origin: url },
          })
        ).status,
      ).toBe(401);
    expect(setup.mlflow.requests).toHaveLength(0);
  });

  it('lets a credential in a header decide, and not the cookie', async () => {
    const cookie = await signIn(url, KEY);
    const headers = { ...OWN_FETCH, cookie, authorization: `Bearer ${OTHER_KEY}` };
    const reply = await ask(`${url}/mlflow/x`, { headers });
    expect([reply.status, reply.headers['x-session']]).toEqual([401, undefined]);
    expect(
      (
        await ask(`${url}/mlflow/x`, {
          headers: { authorization: `Bearer ${KEY}`, cookie: 'mlflow_session=x' },
        })
      ).status,
    ).toBe(200);
  });

  it('goes back to the form with a reason if the key is refused, and never answers a POST with HTML', async () => {
    setup.auth.know(LIMITED_KEY, { valid: true, scopes: ['another-service:read'] });
    const scope = await postKey(url, LIMITED_KEY);
    expect(scope.headers.location).toBe('/mlflow/sign-in?why=scope&next=%2Fmlflow%2F');
    setup.auth.know(LIMITED_KEY, { valid: true, allowed_ips: ['192.0.2.1'] });
    await invalidateAll();
    expect((await postKey(url, LIMITED_KEY)).headers.location).toContain('why=address');
    for (const key of ['', 'hk_live_wrong_wrong_wrong_wrong', 'a b', 'x'.repeat(1025), '"quoted"']) {
      const reply = await postKey(url, key);
      expect([reply.status, reply.headers['set-cookie'], reply.body.length]).toEqual([303, undefined, 0]);
      expect(reply.headers.location).toContain('why=refused');
    }
    const page = await ask(url + '/mlflow/sign-in?why=refused&next=%2Fmlflow%2F', { headers: NAVIGATION });
    expect(page.status).toBe(401);
    expect(page.text).toContain('role="alert"');
    expect(page.text).toContain('aria-invalid="true"');
  });

  async function invalidateAll(): Promise<void> {
    await fetch(`${url}/internal/keys/invalidate`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer an-admin-token-of-the-tests' },
      body: JSON.stringify({ api_key: LIMITED_KEY }),
    });
  }

  it('refuses a form that is too large, or no form', async () => {
    expect((await postKey(url, 'x'.repeat(5000))).status).toBe(413);
    const json = await postKey(url, KEY, { headers: { 'content-type': 'application/json' } });
    expect(json.status).toBe(415);
  });

  it('14: says that the key was not refused while the auth service is down; open sessions go on', async () => {
    const cookie = await signIn(url, KEY);
    setup.auth.override((_request, response) => void response.writeHead(500).end());
    const reply = await postKey(url, 'hk_live_another_key_of_the_tests_1');
    expect(reply.headers.location).toContain('why=unavailable');
    const page = await ask(url + (reply.headers.location as string), { headers: NAVIGATION });
    expect(page.status).toBe(503);
    expect(page.text).toContain('Your key was not refused');
    expect((await ask(`${url}/mlflow/x`, { headers: { ...OWN_FETCH, cookie } })).status).toBe(200);
    setup.auth.override();
  });

  it('speaks the language that the browser asks for, and English to all others', async () => {
    const page = async (language: string): Promise<string> =>
      (await ask(`${url}/mlflow/`, { headers: { ...NAVIGATION, 'accept-language': language } })).text;
    expect(await page('de-CH,en;q=0.5')).toContain('<html lang="de">');
    expect(await page('fr,de;q=0.2,en;q=0.1')).toContain('API-Schlüssel');
    for (const other of ['fr', 'en-GB,de;q=0.9', 'de;q=0', '*', 'constructor'])
      expect(await page(other)).toContain('<html lang="en">');
  });

  it('18: does not exist without SESSION_SECRETS', async () => {
    const plain = await startTestGateway({
      MLFLOW_SERVER_URL: setup.mlflow.url,
      HOKUSAI_AUTH_SERVICE_URL: setup.auth.url,
    });
    for (const path of [
      '/mlflow/',
      '/mlflow/sign-in',
      '/mlflow/sign-out',
      '/mlflow/session',
      '/mlflow/session.js',
      '/api/mlflow/',
    ]) {
      const reply = await ask(plain.url + path, { headers: NAVIGATION });
      expect([path, reply.status, reply.headers['content-type']]).toEqual([
        path,
        401,
        'application/problem+json',
      ]);
      expect(reply.headers['x-session']).toBeUndefined();
    }
    expect((await postKey(plain.url, KEY)).status).toBe(401);
    await plain.close();
  });
});

it('13: twenty wrong keys over the limit get the page with the seconds to wait; a good session of that address goes on', async () => {
  const setup = await startSessionSetup({ env: { RATE_LIMIT_FAILED_AUTH_PER_MINUTE: '20' } });
  setup.auth.know(KEY);
  const { url } = setup.gateway;
  const cookie = await signIn(url, KEY);
  for (let i = 0; i < 20; i++) await postKey(url, `hk_live_a_wrong_key_of_the_tests_${i}`);
  const reply = await postKey(url, 'hk_live_one_more_wrong_key_of_the_tests');
  expect(reply.headers.location).toMatch(/why=limited&next=%2Fmlflow%2F&after=\d+$/);
  const page = await ask(url + (reply.headers.location as string), { headers: NAVIGATION });
  expect(page.status).toBe(429);
  expect(page.text).toMatch(/Try again in \d+ seconds/);
  expect(setup.auth.calls).toHaveLength(21);
  expect((await ask(`${url}/mlflow/x`, { headers: { ...OWN_FETCH, cookie } })).status).toBe(200);
  await setup.close();
});

it('one key begins at most a hundred sessions an hour, so that its sign-outs cannot end those of others', async () => {
  const setup = await startSessionSetup();
  const other = 'hk_live_another_key_of_the_tests_1';
  setup.auth.know(KEY);
  setup.auth.know(other);
  const { url } = setup.gateway;
  const cookie = await signIn(url, KEY);
  for (let i = 1; i < 100; i++) expect((await postKey(url, KEY)).headers['set-cookie']).toHaveLength(1);
  const reply = await postKey(url, KEY);
  expect([reply.status, reply.headers['set-cookie']]).toEqual([303, undefined]);
  const page = await ask(url + (reply.headers.location as string), { headers: NAVIGATION });
  expect([page.status, page.text]).toEqual([429, expect.stringContaining('signed in too often')]);
  // Sessions that it has go on, and another key signs in.
  expect((await ask(`${url}/mlflow/x`, { headers: { ...OWN_FETCH, cookie } })).status).toBe(200);
  await signIn(url, other);
  await setup.close();
});

describe('over HTTPS behind a trusted proxy', () => {
  it('is bound to the host; 17: over plain HTTP off this machine it is refused with a sentence', async () => {
    const setup = await startSessionSetup({ env: { TRUSTED_PROXY_HOPS: '1' } });
    setup.auth.know(KEY);
    const { url } = setup.gateway;
    const https = {
      host: 'registry.example',
      'x-forwarded-proto': 'https',
      origin: 'https://registry.example',
    };
    const reply = await postKey(url, KEY, { headers: https });
    expect(reply.headers['set-cookie']?.[0]).toMatch(/^__Host-mlflow_session=.*; Path=\/; .*; Secure$/);
    const cookie = cookieOf(reply);
    expect((await ask(`${url}/mlflow/x`, { headers: { ...OWN_FETCH, ...https, cookie } })).status).toBe(200);

    const http = { host: 'registry.example', origin: 'http://registry.example' };
    const page = await ask(`${url}/mlflow/`, { headers: { accept: 'text/html', ...http } });
    expect(page.text).toContain('https://');
    expect(page.text).not.toContain('<form');
    expect((await postKey(url, KEY, { headers: http })).headers.location).toContain('why=https');
    expect((await ask(`${url}/mlflow/x`, { headers: { ...http, cookie } })).status).toBe(401);
    await setup.close();
  });

  it('keeps its cookie below /mlflow where that is asked for', async () => {
    const setup = await startSessionSetup({
      env: { TRUSTED_PROXY_HOPS: '1', SESSION_COOKIE_PATH: '/mlflow' },
    });
    setup.auth.know(KEY);
    const https = {
      host: 'registry.example',
      'x-forwarded-proto': 'https',
      origin: 'https://registry.example',
    };
    const reply = await postKey(setup.gateway.url, KEY, { headers: https });
    expect(reply.headers['set-cookie']?.[0]).toMatch(
      /^__Secure-mlflow_session=.*; Path=\/mlflow; .*; Secure$/,
    );
    await setup.close();
  });
});
