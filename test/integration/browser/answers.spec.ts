import type { IncomingHttpHeaders } from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { startRecordingUpstream } from '../../support/servers/recording-upstream.js';
import { startTestGateway } from '../../support/systems/gateway.js';
import { KEY, type AuthSetup } from '../auth/setup.js';
import {
  ask,
  NAVIGATION,
  OWN_FETCH,
  SHELL,
  signIn,
  startSessionSetup,
  type Reply,
} from './session-client.js';

const SCRIPT = 'body{color:red}'.repeat(5000);
const SANDBOX = "sandbox; default-src 'none'";

/** What of an answer's head this surface decides. */
const head = (headers: IncomingHttpHeaders): unknown[] => [
  headers['content-security-policy'],
  headers['x-content-type-options'],
  headers['cross-origin-resource-policy'],
  headers['content-disposition'],
];

describe('answers of MLflow to a session', () => {
  let setup: AuthSetup;
  let url: string;
  let cookie: string;
  beforeAll(async () => {
    setup = await startSessionSetup();
    url = setup.gateway.url;
    setup.auth.know(KEY, { valid: true, key_id: 'k1', user_id: 'ana' });
    cookie = await signIn(url, KEY);
  });
  afterAll(() => setup.close());

  const opened: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((server) => server.close()));
  });
  const inThisTest = <Server extends { close(): Promise<void> }>(server: Server): Server => {
    opened.push(server);
    return server;
  };

  const answer = (status: number, headers: Record<string, string>, body: string | Buffer): void =>
    setup.mlflow.answer((_request, response) => void response.writeHead(status, headers).end(body));
  const get = (path: string, headers: Record<string, string> = {}): Promise<Reply> =>
    ask(url + path, { headers: { ...OWN_FETCH, cookie, ...headers } });

  describe("the UI's page", () => {
    const page = { 'content-type': 'text/html; charset=utf-8', etag: '"1"', 'cache-control': 'no-cache' };

    it('has a policy that every MLflow lives with, the script before all others, and is kept nowhere', async () => {
      answer(200, page, SHELL);
      const reply = await get('/mlflow/', NAVIGATION);
      expect(reply.headers['cache-control']).toBe('no-store');
      expect(reply.headers.etag).toBeUndefined();
      expect(reply.headers.vary).toContain('Cookie');
      const policy = reply.headers['content-security-policy'];
      expect(policy).toContain("script-src 'self' 'unsafe-inline' 'unsafe-eval'");
      expect(policy).toContain(
        "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'",
      );
      const src = /<head><script src="(session\.js\?v=[\w-]{16}&amp;lang=en)"><\/script><meta/.exec(
        reply.text,
      )?.[1];
      expect(reply.headers['content-length']).toBe(String(reply.body.length));
      const script = await ask(`${url}/mlflow/${src?.replace('&amp;', '&')}`);
      expect(script.headers['content-type']).toBe('text/javascript; charset=utf-8');
      expect(script.headers['cache-control']).toBe('private, max-age=31536000, immutable');
      expect((await ask(`${url}/mlflow/session.js?v=old`)).headers['cache-control']).toBe('no-store');
    });

    it.each<[string, string, (policy: string | string[] | undefined) => void]>([
      ['strict', 'strict', (policy) => expect(policy).toMatch(/script-src 'self'$/)],
      ['off', 'off', (policy) => expect(policy).toBeUndefined()],
      ['of its own', "default-src 'self'", (policy) => expect(policy).toBe("default-src 'self'")],
    ])('has the policy that is asked for: %s', async (_name, setting, check) => {
      answer(200, page, SHELL);
      const replica = await setup.replica({
        UI_CONTENT_SECURITY_POLICY: setting,
        UI_SESSION_SCRIPT: 'false',
      });
      const reply = await ask(`${replica.url}/mlflow/`, { headers: { ...NAVIGATION, cookie } });
      check(reply.headers['content-security-policy']);
      expect(reply.text).toBe(SHELL);
    });

    it.each([
      ['is large', 200, page, SHELL + ' '.repeat(70_000)],
      ['is an error', 500, page, SHELL],
      ['is compressed', 200, { ...page, 'content-encoding': 'gzip' }, SHELL],
      ['has no head', 200, page, '<p>MLflow</p>'],
    ])('passes without the script where it %s', async (_what, status, headers, body) => {
      answer(status, headers, body);
      const reply = await get('/mlflow/', NAVIGATION);
      expect([reply.status, reply.text]).toEqual([status, body]);
    });

    it('stays as MLflow gives it for a key in a header', async () => {
      answer(200, page, SHELL);
      const reply = await ask(`${url}/mlflow/`, { headers: { authorization: `Bearer ${KEY}` } });
      expect([reply.text, reply.headers.etag, reply.headers['content-security-policy']]).toEqual([
        SHELL,
        '"1"',
        undefined,
      ]);
    });
  });

  it.each([
    ['/mlflow/get-artifact?path=a.html', { 'content-type': 'text/html' }, 'attachment'],
    [
      '/mlflow/get-artifact?path=a.svg',
      { 'content-type': 'image/svg+xml', 'content-disposition': 'inline; filename=a.svg' },
      'attachment; filename=a.svg',
    ],
    ['/mlflow/ajax-api/2.0/mlflow-artifacts/artifacts/1/a', { 'content-type': 'text/plain' }, 'attachment'],
    [
      '/mlflow/get-artifact?path=a',
      { 'content-disposition': 'attachment; filename="b"' },
      'attachment; filename="b"',
    ],
    [
      '/mlflow/ajax-api/2.0/x',
      { 'content-type': 'application/json', 'content-security-policy': 'default-src *' },
      undefined,
    ],
    ['/mlflow/new-route', { 'content-type': 'application/xhtml+xml' }, 'attachment'],
  ])('12: %s with %j can do nothing when it is opened by itself', async (path, headers, disposition) => {
    answer(200, headers, '<script>alert(1)</script>');
    const reply = await get(path, NAVIGATION);
    expect(head(reply.headers)).toEqual([SANDBOX, 'nosniff', 'same-origin', disposition]);
    expect(reply.headers.vary).toContain('Cookie');
  });

  it.each([
    ['text/javascript', true],
    ['text/javascript; charset=utf-8', true],
    [' Application/JavaScript', true],
    ['application/x-javascript', true],
    ['text/javascript1.5', true],
    ['text/jscript', true],
    ['text/x-ecmascript', true],
    ['text/css', true],
    ['image/svg+xml', false],
    ['text/html', false],
    ['application/json', false],
    ['text/javascript-not', false],
  ])('12: %s that is none of its own files is no program for a page: %s', async (type, isRunnable) => {
    answer(200, { 'content-type': type }, 'self.x = 1');
    const { headers, text } = await get('/mlflow/get-artifact?path=a.mjs');
    expect([headers['content-type'], text]).toEqual([
      isRunnable ? 'text/plain; charset=utf-8' : type.trim(),
      'self.x = 1',
    ]);
    expect((await get('/mlflow/static-files/main.js')).headers['content-type']).toBe(type.trim());
  });

  it('12: what a browser gets by a key that it sends by itself, as from an address with a password, is guarded alike', async () => {
    const authorization = `Basic ${Buffer.from(`any:${KEY}`).toString('base64')}`;
    const of = (path: string, headers: Record<string, string>) =>
      ask(url + path, { headers: { authorization, ...headers } });
    answer(200, { 'content-type': 'text/javascript' }, 'self.x = 1');
    const artifact = await of('/mlflow/get-artifact?path=a.mjs', OWN_FETCH);
    expect([...head(artifact.headers), artifact.headers['content-type']]).toEqual([
      SANDBOX,
      'nosniff',
      'same-origin',
      'attachment',
      'text/plain; charset=utf-8',
    ]);
    answer(200, { 'content-type': 'text/html' }, SHELL);
    const page = await of('/mlflow/', NAVIGATION);
    // The script is for sessions: there is nothing here to sign out of.
    expect([page.text, page.headers['cache-control']]).toEqual([SHELL, 'no-store']);
    expect(page.headers['content-security-policy']).toContain("frame-ancestors 'self'");
    // A program that sends its key so gets MLflow's own answer.
    answer(200, { 'content-type': 'text/javascript' }, 'self.x = 1');
    const plain = await of('/mlflow/get-artifact?path=a.mjs', {});
    expect([...head(plain.headers), plain.headers['content-type']]).toEqual([
      ...Array<undefined>(4),
      'text/javascript',
    ]);
  });

  describe('static files', () => {
    const css = { 'content-type': 'text/css', 'cache-control': 'no-cache, max-age=2419200', etag: '"abc"' };

    it('15: are kept for good where their name changes with them, and not fetched again by a new session', async () => {
      answer(200, css, SCRIPT);
      const hashed = await get('/mlflow/static-files/static/css/main.b0f58ef9.css');
      expect(hashed.headers['cache-control']).toBe('private, no-cache, max-age=2419200, immutable');
      expect(hashed.headers.vary).not.toContain('Cookie');
      expect(hashed.headers['content-security-policy']).toBeUndefined();
      const plain = await get('/mlflow/static-files/favicon.ico');
      expect(plain.headers['cache-control']).toBe('private, no-cache, max-age=2419200');
    });

    it('cost nothing as files alone: uploads to them, and an assistant that is open, count as any call', async () => {
      const settings = {
        MLFLOW_SERVER_URL: setup.mlflow.url,
        HOKUSAI_AUTH_SERVICE_URL: setup.auth.url,
        SESSION_SECRETS: 'a-secret-of-sessions-of-the-tests',
        ALLOW_ASSISTANT_API: 'true',
      };
      const open = inThisTest(await startTestGateway(settings));
      const headers = { ...OWN_FETCH, origin: open.url, cookie: await signIn(open.url, KEY) };
      const left: unknown[] = [];
      for (const [method, path] of [
        ['POST', '/static-files/a.js'],
        ['PUT', '/ajax-api/2.0/mlflow-artifacts/artifacts/x/api/3.0/mlflow/assistant'],
        ['POST', '/ajax-api/3.0/mlflow/assistant/message'],
      ] as const) {
        const { headers: answered } = await ask(`${open.url}/mlflow${path}`, { method, headers });
        left.push(answered['x-ratelimit-remaining']);
      }
      expect(left).toEqual(['999', '998', '997']);
    });

    it('15: cost the key neither limits nor usage, and so do refusals of the assistant', async () => {
      const usage = inThisTest(await startRecordingUpstream());
      const settings = {
        MLFLOW_SERVER_URL: setup.mlflow.url,
        HOKUSAI_AUTH_SERVICE_URL: setup.auth.url,
        SESSION_SECRETS: 'a-secret-of-sessions-of-the-tests',
        USAGE_REPORT_URL: usage.url,
        USAGE_FLUSH_INTERVAL_MS: '10',
      };
      const metered = inThisTest(await startTestGateway(settings));
      const own = await signIn(metered.url, KEY);
      const session = { ...OWN_FETCH, cookie: own };
      const file = await ask(`${metered.url}/mlflow/static-files/a.js`, { headers: session });
      const refused = await ask(`${metered.url}/mlflow/ajax-api/3.0/mlflow/assistant/config`, {
        headers: session,
      });
      expect([file.status, file.headers.ratelimit, refused.status]).toEqual([200, undefined, 403]);
      const search = '/ajax-api/2.0/mlflow/experiments/search';
      const call = await ask(`${metered.url}/mlflow${search}`, { headers: session });
      expect(call.headers['x-ratelimit-remaining']).toBe('999');
      await metered.close();
      const records = usage.requests.flatMap(
        ({ body }) => (JSON.parse(body.toString()) as { records: object[] }).records,
      );
      expect(records).toEqual([expect.objectContaining({ endpoint: `GET ${search}`, source: 'session' })]);
    });

    it.each([
      ['gzip, deflate, br', 'br', brotliDecompressSync],
      ['gzip', 'gzip', gunzipSync],
      ['br;q=0, gzip;q=0.5', 'gzip', gunzipSync],
    ])('are compressed for a client that accepts %s', async (accepted, coding, open) => {
      answer(200, { ...css, 'content-length': String(SCRIPT.length) }, SCRIPT);
      const path = `/mlflow/static-files/a.css?${coding}${accepted.length}`;
      const reply = await get(path, { 'accept-encoding': accepted });
      expect(reply.headers['content-encoding']).toBe(coding);
      expect(reply.headers['content-length']).toBeUndefined();
      expect(reply.headers.etag).toBe('W/"abc"');
      expect(reply.headers.vary).toContain('Accept-Encoding');
      expect(open(reply.body).toString()).toBe(SCRIPT);
      expect(reply.body.length).toBeLessThan(SCRIPT.length / 20);
    });

    it.each<[string, string, number, Record<string, string>, string, Record<string, string>]>([
      ['a client that accepts none', '/mlflow/static-files/a.css', 200, css, SCRIPT, {}],
      [
        'what is small',
        '/mlflow/static-files/a.css',
        200,
        { ...css, 'content-length': '2' },
        'ab',
        { 'accept-encoding': 'br' },
      ],
      [
        'images',
        '/mlflow/static-files/a.png',
        200,
        { 'content-type': 'image/png' },
        SCRIPT,
        { 'accept-encoding': 'br' },
      ],
      [
        'what is compressed',
        '/mlflow/static-files/a.css',
        200,
        { ...css, 'content-encoding': 'gzip' },
        SCRIPT,
        { 'accept-encoding': 'br' },
      ],
      [
        'no-transform',
        '/mlflow/static-files/a.css',
        200,
        { ...css, 'cache-control': 'no-transform' },
        SCRIPT,
        { 'accept-encoding': 'br' },
      ],
      ['errors', '/mlflow/static-files/a.css', 404, css, SCRIPT, { 'accept-encoding': 'br' }],
      [
        'parts',
        '/mlflow/static-files/a.css',
        200,
        css,
        SCRIPT,
        { 'accept-encoding': 'br', range: 'bytes=0-1' },
      ],
      [
        'answers of the API',
        '/mlflow/ajax-api/2.0/x',
        200,
        { 'content-type': 'application/json' },
        SCRIPT,
        { 'accept-encoding': 'br' },
      ],
      ['artifacts', '/mlflow/get-artifact?path=a.css', 200, css, SCRIPT, { 'accept-encoding': 'br' }],
    ])('stay as they are: %s', async (_what, path, status, headers, body, sent) => {
      answer(status, headers, body);
      const reply = await get(path, sent);
      expect([reply.status, reply.headers['content-encoding'], reply.text]).toEqual([
        status,
        headers['content-encoding'],
        body,
      ]);
    });

    it('are compressed for a key in a header too, and cut where MLflow breaks off', async () => {
      answer(200, css, SCRIPT);
      const headers = { authorization: `Bearer ${KEY}`, 'accept-encoding': 'br' };
      expect(
        (await ask(`${url}/api/mlflow/static-files/a.css`, { headers })).headers['content-encoding'],
      ).toBe('br');
      setup.mlflow.answer((_request, response) => {
        response.writeHead(200, { ...css, 'content-length': String(SCRIPT.length) });
        response.write(SCRIPT.slice(0, 5000), () => response.destroy());
      });
      await expect(ask(`${url}/mlflow/static-files/b.css`, { headers })).rejects.toThrow(
        /aborted|hang up|reset/,
      );
    });
  });

  describe("MLflow's account menu", () => {
    it.each([
      [
        '2.0/mlflow/users/current',
        200,
        { user: { id: 1, username: 'ana', is_admin: false }, is_basic_auth: true },
      ],
      ['3.0/mlflow/users/roles/list?username=ana', 200, { roles: [] }],
      ['3.0/mlflow/users/current/permissions', 200, { is_admin: false, permissions: [] }],
    ])('is answered where MLflow has no accounts: %s', async (path, status, body) => {
      answer(404, { 'content-type': 'text/html', 'content-encoding': 'gzip' }, '<h1>Not Found</h1>');
      const reply = await get(`/mlflow/ajax-api/${path}`);
      expect([reply.status, JSON.parse(reply.text)]).toEqual([status, body]);
      expect(reply.headers['content-type']).toBe('application/json');
    });

    it('says who changes keys', async () => {
      answer(405, { allow: 'GET' }, '');
      const headers = { ...OWN_FETCH, cookie, origin: url };
      answer(404, {}, '');
      const reply = await ask(`${url}/mlflow/ajax-api/2.0/mlflow/users/update-password`, {
        method: 'PATCH',
        headers,
        body: '{}',
      });
      expect([reply.status, reply.text]).toEqual([
        400,
        expect.stringContaining('Ask your key administrator'),
      ]);
    });

    it("19: is MLflow's own where MLflow has accounts", async () => {
      answer(200, { 'content-type': 'application/json' }, '{"user":{"username":"bo"}}');
      expect((await get('/mlflow/ajax-api/2.0/mlflow/users/current')).text).toBe(
        '{"user":{"username":"bo"}}',
      );
      answer(404, {}, 'none');
      const headers = { authorization: `Bearer ${KEY}` };
      expect((await ask(`${url}/mlflow/ajax-api/2.0/mlflow/users/current`, { headers })).text).toBe('none');
    });
  });
});
