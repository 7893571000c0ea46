import { request } from 'node:http';
import { oneAnswer, rawRequest } from './raw-http.js';
import { startRecordedProxy } from './proxy-harness.js';

type Harness = Awaited<ReturnType<typeof startRecordedProxy>>;

const pairs = (flat: readonly string[]): [string, string][] =>
  flat.flatMap((name, i) => (i % 2 === 0 ? [[name, flat[i + 1] as string] as [string, string]] : []));

describe('what reaches MLflow', () => {
  let h: Harness;
  beforeAll(async () => {
    h = await startRecordedProxy();
  });
  afterAll(() => h?.close());
  beforeEach(() => {
    h.upstream.requests.length = 0;
    h.upstream.answer((_request, response) => void response.end('{}'));
  });
  const last = () => h.upstream.requests.at(-1)!;
  const get = (target: string, headers = '') =>
    rawRequest(
      h.proxy.port,
      `GET ${target} HTTP/1.1\r\nHost: gw.example\r\n${headers}Connection: close\r\n\r\n`,
    );

  it.each([
    ['/api/mlflow/api/2.0/mlflow/runs/search', '/api/2.0/mlflow/runs/search'],
    ['/mlflow/api/2.0/mlflow/runs/search', '/api/2.0/mlflow/runs/search'],
    ['/mlflow/', '/'],
    ['/api/mlflow/?a=1', '/?a=1'],
    ['/mlflow/x?a=1&a=2&&b&c=&=d&a=1', '/x?a=1&a=2&&b&c=&=d&a=1'],
    ['/mlflow//api//x', '//api//x'],
    ['/mlflow/a%2Fb%20c%E4%BD%A0;p=1,2', '/a%2Fb%20c%E4%BD%A0;p=1,2'],
    ['/mlflow/%252e%252e/x', '/%252e%252e/x'],
    [
      '/mlflow/api/2.0/mlflow-artifacts/artifacts/caf%e9%ff.txt',
      '/api/2.0/mlflow-artifacts/artifacts/caf%e9%ff.txt',
    ],
    ['/mlflow/x?q=%zz%ff/../..\\', '/x?q=%zz%ff/../..\\'],
    ['/mlflow/x?a[]=1&b={}|^`\'"<>', '/x?a[]=1&b={}|^`\'"<>'],
    ['/mlflow/x?a=1&api_key=accepted-or-not&b=2', '/x?a=1&b=2'],
  ])('%s arrives as %s', async (target, expected) => {
    expect((await get(target)).status).toBe(200);
    expect(last().url).toBe(expected);
  });

  it.each(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'QUERY'])(
    '%s passes, with its body and without',
    async (method) => {
      for (const body of ['', '{"a":1}']) {
        const { status } = await rawRequest(
          h.proxy.port,
          `${method} /mlflow/x HTTP/1.1\r\nHost: h\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
        );
        expect(status).toBe(200);
        expect([last().method, last().body.toString()]).toEqual([method, body]);
      }
    },
  );

  it('a DELETE keeps its JSON body, at once and in pieces, and the connection is used again', async () => {
    const body = JSON.stringify({ name: 'm', version: '1' });
    const head = `DELETE /mlflow/api/2.0/mlflow/model-versions/delete HTTP/1.1\r\nHost: h\r\nContent-Length: ${body.length}\r\n\r\n`;
    await rawRequest(h.proxy.port, head + body, oneAnswer);
    expect(last().body.toString()).toBe(body);
    await rawRequest(h.proxy.port, head + body.slice(0, 3), (text) => text !== '', 300).catch(
      () => undefined,
    );
    const sent = request(`${h.proxy.url}/mlflow/x`, {
      method: 'DELETE',
      headers: { 'content-length': body.length },
    });
    const answered = new Promise((resolve) => sent.on('response', (r) => r.resume().on('end', resolve)));
    sent.write(body.slice(0, 5));
    setImmediate(() => sent.end(body.slice(5)));
    await answered;
    expect(last().body.toString()).toBe(body);
  });

  it('a chunked body arrives whole, chunked', async () => {
    const { status } = await rawRequest(
      h.proxy.port,
      'POST /mlflow/x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n' +
        '3\r\nabc\r\n2;ext=1\r\nde\r\n0\r\nX-Trailer: t\r\n\r\n',
    );
    expect(status).toBe(200);
    expect(last().body.toString()).toBe('abcde');
  });

  it('carries no credential and no forged header, but its own facts once each', async () => {
    await get(
      '/mlflow/x',
      'Authorization: Bearer hk_live_secret\r\nX-API-Key: hk_live_secret\r\nX-Hokusai-API-Key: s\r\n' +
        'X-MLflow-Authorization: Bearer s\r\nX-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Host: evil\r\n' +
        'Forwarded: for=127.0.0.1\r\nX-Hokusai-User-Id: admin\r\nX-Request-Id: nonsense\r\nOrigin: https://e\r\n' +
        'Referer: https://e/\r\nX-MLflow-Guardrail-Bypass: 1\r\nUpgrade: websocket\r\nX-Mine: 1\r\nx-mine: 2\r\n',
    );
    const headers = pairs(last().rawHeaders).map(([name, value]) => [name.toLowerCase(), value] as const);
    expect(JSON.stringify(headers)).not.toMatch(
      /secret|evil|admin|nonsense|guardrail|referer|origin|upgrade/i,
    );
    const { requestId } = { requestId: last().headers['x-request-id'] };
    expect(requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(headers).toEqual([
      ['host', new URL(h.upstream.url).host],
      ['connection', 'keep-alive'],
      ['x-mine', '1'],
      ['x-mine', '2'],
      ['via', '1.1 mlflow-gateway'],
      ['traceparent', expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)],
      ['x-request-id', requestId],
      ['x-forwarded-for', '127.0.0.1'],
      ['x-forwarded-proto', 'http'],
      ['x-forwarded-host', 'gw.example'],
      ['x-hokusai-user-id', 'user%201'],
      ['x-hokusai-api-key-id', 'key-1'],
    ]);
  });

  it('128 KB of headers pass', async () => {
    const big = 'x'.repeat(30_000);
    const answer = await get('/mlflow/x', `X-A: ${big}\r\nX-B: ${big}\r\nX-C: ${big}\r\nX-D: ${big}\r\n`);
    expect(answer.status).toBe(200);
    expect(last().headers['x-d']).toBe(big);
  });

  it('latin1 header values pass unchanged both ways', async () => {
    h.upstream.raw((_request, response) => {
      response.writeHead(200, ['X-Latin', 'caf\xe9', 'Content-Length', '0']);
      response.end();
    });
    const answer = await get('/mlflow/x', 'X-Latin: caf\xe9\r\n');
    h.upstream.raw(undefined);
    expect(last().headers['x-latin']).toBe('caf\xe9');
    expect(answer.text).toContain('X-Latin: caf\xe9\r\n');
  });
});

describe('what the configuration changes', () => {
  it.each(['true', 'false'])(
    'a key in the query goes no further, the rest does: ALLOW_QUERY_API_KEY=%s',
    async (allowed) => {
      const h = await startRecordedProxy({ ALLOW_QUERY_API_KEY: allowed });
      await fetch(`${h.proxy.url}/mlflow/x?a=1&api_key=hk_live_x&a=2`);
      expect(h.upstream.requests[0]!.url).toBe('/x?a=1&a=2');
      await h.close();
      expect(h.proxy.logs.raw).not.toContain('hk_live_x');
    },
  );

  it('a base path in MLFLOW_SERVER_URL comes first, and goes from Location and cookies', async () => {
    const h = await startRecordedProxy({}, '/tracking/');
    h.upstream.answer((_request, response) => {
      response.writeHead(302, [
        ['Location', `${h.upstream.url}/tracking/y?z`],
        ['Set-Cookie', 'a=1; Path=/tracking'],
        ['Set-Cookie', 'b=2; Path=/tracking/b'],
      ]);
      response.end();
    });
    const answer = await fetch(`${h.proxy.url}/api/mlflow/x?y`, { redirect: 'manual' });
    expect(h.upstream.requests[0]!.url).toBe('/tracking/x?y');
    expect(answer.headers.get('location')).toBe('/api/mlflow/y?z');
    expect(answer.headers.getSetCookie()).toEqual(['a=1; Path=/api/mlflow/', 'b=2; Path=/api/mlflow/b']);
    await h.close();
  });

  it('MLFLOW_API_DIALECT=ajax-api rewrites the REST prefix', async () => {
    const h = await startRecordedProxy({ MLFLOW_API_DIALECT: 'ajax-api' });
    await fetch(`${h.proxy.url}/mlflow/api/2.0/mlflow/runs/get?run_id=1`);
    expect(h.upstream.requests[0]!.url).toBe('/ajax-api/2.0/mlflow/runs/get?run_id=1');
    await h.close();
  });

  it('LLM_AUTHORIZATION_PASSTHROUGH leaves the provider its key on /gateway/ alone', async () => {
    const h = await startRecordedProxy({ LLM_AUTHORIZATION_PASSTHROUGH: 'true' });
    const provider = { authorization: 'Bearer sk', 'x-api-key': 'a', 'x-goog-api-key': 'g', 'api-key': 'z' };
    const headers = { ...provider, 'x-mlflow-authorization': 'Bearer hk_live_x' };
    const none = Object.fromEntries(Object.keys(provider).map((name) => [name, undefined]));
    const seen = async (path: string) => {
      await fetch(h.proxy.url + path, { headers });
      const got = h.upstream.requests.at(-1)!.headers;
      expect(got['x-mlflow-authorization']).toBeUndefined();
      return Object.fromEntries(Object.keys(provider).map((name) => [name, got[name]]));
    };
    expect(await seen('/mlflow/gateway/openai/x')).toEqual(none);
    h.proxy.source = 'x-mlflow-authorization';
    expect(await seen('/mlflow/gateway/openai/x')).toEqual(provider);
    expect(await seen('/mlflow/api/2.0/gateway/x')).toEqual(none);
    await h.close();
  });

  it('plain http to another host is warned of once at start', async () => {
    const h = await startRecordedProxy();
    expect(h.proxy.logs.of('mlflow_plain_http')).toHaveLength(0);
    await h.close();
    const { startProxy } = await import('./proxy-harness.js');
    const far = await startProxy('http://mlflow.internal:5000');
    expect(far.logs.of('mlflow_plain_http')).toHaveLength(1);
    expect(far.logs.raw).not.toContain('mlflow.internal');
    await far.close();
  });
});
