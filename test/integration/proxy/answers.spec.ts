import { get as httpGet } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startProxy, startRecordedProxy } from './proxy-harness.js';
import { oneAnswer, rawRequest, startRawServer } from './raw-http.js';

type Harness = Awaited<ReturnType<typeof startRecordedProxy>>;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;

describe("MLflow's answers", () => {
  let h: Harness;
  beforeAll(async () => {
    h = await startRecordedProxy();
  });
  afterAll(() => h?.close());
  beforeEach(() => (h.upstream.requests.length = 0));
  const get = (path: string) => fetch(`${h.proxy.url}${path}`, { redirect: 'manual' });
  const rawGet = (path: string, version = '1.1') =>
    rawRequest(h.proxy.port, `GET ${path} HTTP/${version}\r\nHost: h\r\nConnection: close\r\n\r\n`);

  it.each([200, 201, 204, 206, 304, 400, 403, 404, 409, 418, 429, 500, 503])(
    'status %i, its body and its headers pass unchanged',
    async (status) => {
      const bodyless = status === 204 || status === 304;
      h.upstream.answer((_request, response) => {
        response.writeHead(status, 'Own Text', {
          'Content-Type': 'text/x',
          ETag: '"1"',
          'X-Frame-Options': 'SAMEORIGIN',
        });
        response.end(bodyless ? undefined : `body of ${status}`);
      });
      const answer = await get('/mlflow/x');
      expect([answer.status, answer.statusText, await answer.text()]).toEqual([
        status,
        'Own Text',
        bodyless ? '' : `body of ${status}`,
      ]);
      expect(answer.headers.get('etag')).toBe('"1"');
      expect(answer.headers.get('x-frame-options')).toBe('SAMEORIGIN');
      expect(answer.headers.get('content-type')).toBe('text/x');
    },
  );

  it("rate-limit headers, request id and hop-by-hop headers are the gateway's own", async () => {
    h.upstream.answer((_request, response) => {
      response.writeHead(200, {
        RateLimit: 'x',
        'X-RateLimit-Remaining': '1',
        'X-Request-Id': 'upstream',
        'Keep-Alive': 'timeout=99',
        Connection: 'keep-alive, X-Hop',
        'X-Hop': '1',
        'Retry-After': '7',
      });
      response.end();
    });
    const { headers } = await get('/mlflow/x');
    expect(headers.get('x-request-id')).toMatch(UUID);
    for (const name of ['ratelimit', 'x-ratelimit-remaining', 'x-hop']) expect(headers.get(name)).toBeNull();
    expect(headers.get('keep-alive')).not.toBe('timeout=99');
    expect(headers.get('retry-after')).toBe('7');
  });

  it('no shared cache may keep an answer', async () => {
    h.upstream.answer((_request, response) => {
      response.writeHead(200, { 'Cache-Control': 'public, s-maxage=60, max-age=5', Vary: 'Accept' });
      response.end();
    });
    const { headers } = await get('/mlflow/static-files/x.js');
    expect(headers.get('cache-control')).toBe('private, max-age=5');
    expect(headers.get('vary')).toBe(
      'Accept, authorization, x-api-key, x-hokusai-api-key, x-goog-api-key, api-key, x-mlflow-authorization',
    );
  });

  it('a redirect that MLflow builds from its own Host comes back below the mount', async () => {
    h.upstream.answer((request, response) => {
      response.writeHead(308, { Location: `http://${request.headers.host}/api/2.0/x?a=1` });
      response.end();
    });
    expect((await get('/mlflow/api//2.0/x?a=1')).headers.get('location')).toBe('/mlflow/api/2.0/x?a=1');
    expect((await get('/api/mlflow/api//2.0/x')).headers.get('location')).toBe('/api/mlflow/api/2.0/x?a=1');
  });

  it('the Date of MLflow passes, one of the server where it sends none', async () => {
    h.upstream.answer((_request, response) => {
      response.writeHead(200, { Date: 'Thu, 01 Jan 1970 00:00:00 GMT' });
      response.end();
    });
    expect((await get('/mlflow/x')).headers.get('date')).toBe('Thu, 01 Jan 1970 00:00:00 GMT');
    h.upstream.answer((_request, response) => {
      response.sendDate = false;
      response.end();
    });
    expect((await rawGet('/mlflow/x')).text.match(/\r\ndate: /gi)).toHaveLength(1);
  });

  it('compressed bodies and their lengths pass untouched', async () => {
    const body = Buffer.from([0x1f, 0x8b, 8, 0, 1, 2, 3, 255]);
    h.upstream.answer((_request, response) => {
      response.writeHead(200, { 'Content-Encoding': 'gzip', 'Content-Length': body.length });
      response.end(body);
    });
    const answer = await rawGet('/mlflow/x');
    expect(answer.text.endsWith(body.toString('latin1'))).toBe(true);
    expect(answer.text).toMatch(/content-encoding: gzip/i);
    expect(answer.text).toMatch(/content-length: 8/i);
  });

  it('a HEAD keeps its Content-Length and its connection', async () => {
    h.upstream.answer((_request, response) => {
      response.writeHead(200, { 'Content-Length': '12345' });
      response.end();
    });
    const head = 'HEAD /mlflow/x HTTP/1.1\r\nHost: h\r\n\r\n';
    const answer = await rawRequest(
      h.proxy.port,
      head + head.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'),
    );
    expect(answer.statuses).toEqual([200, 200]);
    expect(answer.text).toMatch(/Content-Length: 12345/i);
  });

  it('an event stream is not held back: head and each event arrive as they are written', async () => {
    let send: (text: string) => void = () => undefined;
    let end = (): void => undefined;
    h.upstream.raw((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.flushHeaders();
      send = (text) => void response.write(text);
      end = () => void response.end();
    });
    const answer = await get('/mlflow/gateway/x');
    h.upstream.raw(undefined);
    const reader = answer.body!.getReader();
    for (const event of ['data: 1\n\n', 'data: 2\n\n']) {
      send(event);
      expect(Buffer.from((await reader.read()).value ?? []).toString()).toBe(event);
    }
    end();
    expect((await reader.read()).done).toBe(true);
  });

  it('103 early hints and 102 processing are passed on', async () => {
    h.upstream.raw((_request, response) => {
      response.writeProcessing();
      response.writeEarlyHints({ link: '</a.css>; rel=preload; as=style' }, () => response.end('ok'));
    });
    const answer = await rawGet('/mlflow/x');
    h.upstream.raw(undefined);
    expect(answer.statuses).toEqual([102, 103, 200]);
    expect(answer.text).toMatch(/link: <\/a.css>; rel=preload; as=style/i);
  });

  it('a client of HTTP/1.0, which does not know hints, gets the answer alone', async () => {
    h.upstream.raw((_request, response) => {
      response.writeProcessing();
      response.writeEarlyHints({ link: '</a.css>; rel=preload; as=style' }, () => response.end('ok'));
    });
    const answer = await rawGet('/mlflow/x', '1.0');
    h.upstream.raw(undefined);
    expect(answer.statuses).toEqual([200]);
  });

  it('trailers pass to clients of HTTP/1.1', async () => {
    h.upstream.raw((_request, response) => {
      response.writeHead(200, { Trailer: 'X-Checksum' });
      response.write('abc');
      response.addTrailers({ 'X-Checksum': 'sum' });
      response.end();
    });
    const trailers = await new Promise((resolve) => {
      httpGet(`${h.proxy.url}/mlflow/x`, (r) => r.resume().on('end', () => resolve(r.trailers)));
    });
    h.upstream.raw(undefined);
    expect(trailers).toEqual({ 'x-checksum': 'sum' });
  });

  it('an answer without a length reaches an HTTP/1.0 client whole', async () => {
    h.upstream.raw((_request, response) => {
      response.write('abc');
      response.end('def');
    });
    const answer = await rawGet('/mlflow/x', '1.0');
    h.upstream.raw(undefined);
    expect(answer.text.endsWith('\r\n\r\nabcdef')).toBe(true);
  });

  it.each(['/mlflow', '/api/mlflow'])('%s is sent to its slash form with its query', async (mount) => {
    const answer = await fetch(`${h.proxy.url}${mount}?a=1&a=2`, {
      method: 'POST',
      body: 'x',
      redirect: 'manual',
    });
    expect([answer.status, answer.headers.get('location')]).toEqual([308, `${mount}/?a=1&a=2`]);
    expect(answer.headers.get('x-request-id')).toMatch(UUID);
    expect(h.upstream.requests).toHaveLength(0);
  });

  it.each(['/api/v1/auth', '/api/v1/auth/keys', '/v1/auth/keys/1?x'])(
    '%s says where key management is now, to everyone and for every method',
    async (path) => {
      for (const method of ['GET', 'POST', 'DELETE']) {
        const answer = await fetch(h.proxy.url + path, { method });
        const body = (await answer.json()) as { error_code: string; message: string };
        expect([answer.status, body.error_code]).toEqual([410, 'ENDPOINT_NOT_FOUND']);
        expect(body.message).toContain('HOKUSAI_AUTH_SERVICE_URL');
      }
    },
  );

  it('a status text that cannot be sent on is left out', async () => {
    const upstream = await startRawServer((socket) =>
      socket.end(
        Buffer.from('HTTP/1.1 200 Gr\xf6\xdfe\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok', 'latin1'),
      ),
    );
    const proxy = await startProxy(upstream.url);
    const answer = await rawRequest(proxy.port, 'GET /mlflow/x HTTP/1.1\r\nHost: h\r\n\r\n', oneAnswer);
    expect(answer.text).toMatch(/^HTTP\/1\.1 200 [\x20-\x7e]*\r\n/);
    expect(answer.text.endsWith('ok')).toBe(true);
    await proxy.close();
    await upstream.close();
  });

  it('a request that has been here is a loop', async () => {
    const looped = await startRecordedProxy();
    const inner = await startProxy(
      `http://127.0.0.1:${(looped.upstream.server.address() as AddressInfo).port}`,
    );
    const outer = await startProxy(`${inner.url}/mlflow`);
    const answer = await fetch(`${outer.url}/mlflow/x`);
    expect(answer.status).toBe(508);
    expect(looped.upstream.requests).toHaveLength(0);
    for (const part of [outer, inner, looped]) await part.close();
  });
});
