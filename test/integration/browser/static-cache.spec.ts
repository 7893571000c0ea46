import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { KEY, metric, type AuthSetup } from '../auth/setup.js';
import { eventually } from '../../support/lib/eventually.js';
import type { TestGateway } from '../../support/systems/gateway.js';
import { ask, OWN_FETCH, signIn, startSessionSetup, type Ask, type Reply } from './session-client.js';

const FILE = '/mlflow/static-files/static/js/main.c2f5f8d4.js';
const bodyOf = (text: string): string => `${text};`.repeat(20_000);
const KEPT = { 'content-type': 'text/javascript', 'cache-control': 'no-cache, max-age=2419200' };

describe('compressed static files', () => {
  let setup: AuthSetup;
  let gateway: TestGateway;
  let cookie: string;
  beforeEach(async () => {
    setup = await startSessionSetup();
    gateway = setup.gateway;
    setup.auth.know(KEY, { valid: true, key_id: 'k1' });
    cookie = await signIn(gateway.url, KEY);
  });
  afterEach(() => setup.close());

  const answer = (headers: Record<string, string | string[]>, body: string): void =>
    setup.mlflow.answer(
      (_request, response) =>
        void response
          .writeHead(200, { ...KEPT, etag: '"1"', 'content-length': String(body.length), ...headers })
          .end(body),
    );
  const get = (path = FILE, headers: Ask['headers'] = {}, at = gateway): Promise<Reply> =>
    ask(at.url + path, { headers: { ...OWN_FETCH, cookie, 'accept-encoding': 'br', ...headers } });
  const compressions = (at = gateway): Promise<number> =>
    metric(at, 'mlflow_static_files_total', '{source="compression"}');
  const textOf = (reply: Reply): string => brotliDecompressSync(reply.body).toString();

  it('are compressed once, and MLflow is still asked each time', async () => {
    answer({}, bodyOf('first'));
    const [first, second] = [await get(), await get()];
    expect([textOf(first), textOf(second)]).toEqual([bodyOf('first'), bodyOf('first')]);
    for (const name of ['content-encoding', 'etag', 'vary', 'cache-control', 'content-type'])
      expect([name, second.headers[name]]).toEqual([name, first.headers[name]]);
    expect(second.headers.vary).toMatch(/\bAccept-Encoding\b/);
    expect(second.headers['content-length']).toBe(String(first.body.length));
    expect([await compressions(), setup.mlflow.requests.length]).toEqual([1, 2]);
    expect(await metric(gateway, 'mlflow_static_files_kept_bytes')).toBe(first.body.length);
  });

  it('of several megabytes come whole, the first time and from memory', async () => {
    const body = randomBytes(1_500_000).toString('hex');
    answer({}, body);
    for (let i = 0; i < 2; i++) expect(textOf(await get()) === body).toBe(true);
    expect(await compressions()).toBe(1);
  });

  it('are kept for each coding, and given as they are to a client that accepts none', async () => {
    answer({}, bodyOf('a'));
    await get();
    const gzip = await get(FILE, { 'accept-encoding': 'gzip' });
    expect([gzip.headers['content-encoding'], gunzipSync(gzip.body).toString()]).toEqual([
      'gzip',
      bodyOf('a'),
    ]);
    const plain = await get(FILE, { 'accept-encoding': 'identity' });
    expect([plain.headers['content-encoding'], plain.headers.etag, plain.text]).toEqual([
      undefined,
      '"1"',
      bodyOf('a'),
    ]);
    expect(plain.headers.vary).toMatch(/\bAccept-Encoding\b/);
  });

  it.each<[string, Record<string, string>, string, string]>([
    ['another ETag', { etag: '"2"' }, bodyOf('b'), FILE],
    ['another length', {}, bodyOf('bb'), FILE],
    ['another query', {}, bodyOf('b'), `${FILE}?v=2`],
    ['another path', {}, bodyOf('b'), FILE.replace('main', 'other')],
  ])('of an MLflow before its upgrade are never given after it: %s', async (_what, headers, body, path) => {
    answer({}, bodyOf('a'));
    await get();
    answer(headers, body);
    expect(textOf(await get(path))).toBe(body);
    expect(textOf(await get(path))).toBe(body);
    expect(await compressions()).toBe(2);
  });

  it('are known by Last-Modified where MLflow gives no ETag', async () => {
    const dated = (at: string, body: string): void =>
      setup.mlflow.answer((_request, response) => {
        response.writeHead(200, { ...KEPT, 'last-modified': at, 'content-length': String(body.length) });
        response.end(body);
      });
    dated('Thu, 26 Nov 2026 08:00:00 GMT', bodyOf('a'));
    await get();
    expect(textOf(await get())).toBe(bodyOf('a'));
    expect(await compressions()).toBe(1);
    dated('Thu, 26 Nov 2026 09:00:00 GMT', bodyOf('b'));
    expect(textOf(await get())).toBe(bodyOf('b'));
  });

  it.each<[string, Record<string, string | string[]>]>([
    ['sets a cookie', { 'set-cookie': 'a=1' }],
    ['says no-store', { 'cache-control': 'no-store, max-age=60' }],
    ['says max-age=0', { 'cache-control': 'max-age=0' }],
    ['says nothing about keeping', { 'cache-control': '' }],
    ['varies by more than the coding', { vary: 'Origin' }],
    ['has an empty validator', { etag: '' }],
  ])('are not kept where the answer %s', async (_what, headers) => {
    answer(headers, bodyOf('a'));
    await get();
    answer(headers, bodyOf('b'));
    expect(textOf(await get()) === bodyOf('b')).toBe(true);
    expect(await metric(gateway, 'mlflow_static_files_kept_bytes')).toBe(0);
  });

  it.each([
    ['an answer of the API', '/mlflow/ajax-api/2.0/mlflow/runs/search'],
    ['an artifact', '/mlflow/get-artifact?path=static-files/a.js'],
  ])('are never what is %s', async (_what, path) => {
    answer({}, bodyOf('a'));
    expect((await get(path)).headers['content-encoding']).toBeUndefined();
    answer({}, bodyOf('b'));
    expect((await get(path)).text).toBe(bodyOf('b'));
    expect(await compressions()).toBe(0);
  });

  it('leave parts and conditional requests to MLflow', async () => {
    answer({}, bodyOf('a'));
    const { etag } = (await get()).headers;
    setup.mlflow.answer(({ headers }, response) => {
      if (headers['if-none-match'] === etag) response.writeHead(304, { etag: '"1"' }).end();
      else
        response.writeHead(206, { ...KEPT, 'content-range': 'bytes 0-1/9', 'content-length': '2' }).end('ab');
    });
    expect(await get(FILE, { 'if-none-match': String(etag) })).toMatchObject({ status: 304, text: '' });
    expect(await get(FILE, { range: 'bytes=0-1' })).toMatchObject({ status: 206, text: 'ab' });
  });

  describe('that are asked for at once', () => {
    const BODY = bodyOf('many');
    const HALF = BODY.length / 2;
    let open: ServerResponse[];
    beforeEach(() => {
      open = [];
      setup.mlflow.answer((_request, response) => {
        response.writeHead(200, { ...KEPT, etag: '"1"', 'content-length': String(BODY.length) });
        response.write(BODY.slice(0, HALF));
        open.push(response);
      });
    });
    const asked = (count: number): Promise<unknown> =>
      eventually(() => open.length === count, { what: `${count} requests at MLflow` });

    it('are compressed once for ten tabs', async () => {
      const tabs = Array.from({ length: 10 }, () => get());
      await asked(10);
      for (const response of open) response.end(BODY.slice(HALF));
      for (const reply of await Promise.all(tabs)) expect(textOf(reply)).toBe(BODY);
      expect(await compressions()).toBe(1);
    });

    it('come whole to the others where MLflow breaks off the first one', async () => {
      const broken = get().catch((error: unknown) => error);
      await asked(1);
      const other = get();
      await asked(2);
      open[0]?.destroy();
      expect(await broken).toMatchObject({ message: expect.stringMatching(/aborted|reset/) });
      open[1]?.end(BODY.slice(HALF));
      expect(textOf(await other)).toBe(BODY);
      expect(await compressions()).toBe(1);
    });

    it('are not kept where all of them break off', async () => {
      const broken = get().catch((error: unknown) => error);
      await asked(1);
      open[0]?.destroy();
      expect(await broken).toMatchObject({ message: expect.stringMatching(/aborted|reset/) });
      answer({}, BODY);
      expect(textOf(await get())).toBe(BODY);
      expect(await compressions()).toBe(2);
    });
  });

  it('are dropped, the least used one first, above MLFLOW_STATIC_CACHE_BYTES; 0 keeps none', async () => {
    answer({}, bodyOf('a'));
    const one = (await get()).body.length;
    const small = await setup.replica({ MLFLOW_STATIC_CACHE_BYTES: String(one * 2) });
    for (const name of ['a', 'b', 'a', 'c', 'a']) await get(`/mlflow/static-files/${name}.js`, {}, small);
    expect(await compressions(small)).toBe(3);
    expect(await metric(small, 'mlflow_static_files_kept_bytes')).toBe(one * 2);
    const none = await setup.replica({ MLFLOW_STATIC_CACHE_BYTES: '0' });
    expect(textOf(await get(FILE, {}, none))).toBe(bodyOf('a'));
    expect(textOf(await get(FILE, {}, none))).toBe(bodyOf('a'));
    expect(await compressions(none)).toBe(2);
  });
});
