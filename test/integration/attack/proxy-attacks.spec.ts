import { connect } from 'node:net';
import { eventually } from '../../support/lib/eventually.js';
import { startRecordedProxy } from '../proxy/proxy-harness.js';
import { rawRequest } from '../proxy/raw-http.js';

type Harness = Awaited<ReturnType<typeof startRecordedProxy>>;

/** A second request that a smuggler hides in the first one's body. */
const HIDDEN = 'GET /mlflow/smuggled HTTP/1.1\r\nHost: h\r\n\r\n';
const GET = 'GET /mlflow/x HTTP/1.1\r\nHost: h\r\n';

describe('attacks on raw sockets', () => {
  let h: Harness;
  beforeAll(async () => {
    h = await startRecordedProxy();
  });
  afterAll(() => h?.close());
  beforeEach(() => (h.upstream.requests.length = 0));
  const send = (bytes: string, timeoutMs = 8000) => rawRequest(h.proxy.port, bytes, () => false, timeoutMs);
  const urls = (): string[] => h.upstream.requests.map((request) => request.url);

  it.each<[string, string]>([
    [
      'length and chunks',
      `POST /mlflow/x HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${HIDDEN}`,
    ],
    [
      'chunks and length',
      `POST /mlflow/x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\n${HIDDEN}`,
    ],
    [
      'two lengths',
      `POST /mlflow/x HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nContent-Length: ${HIDDEN.length}\r\n\r\n${HIDDEN}`,
    ],
    ['a length list', `POST /mlflow/x HTTP/1.1\r\nHost: h\r\nContent-Length: 0, 5\r\n\r\n${HIDDEN}`],
    ['a signed length', `POST /mlflow/x HTTP/1.1\r\nHost: h\r\nContent-Length: +5\r\n\r\nabcde${HIDDEN}`],
    ['a negative length', `POST /mlflow/x HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n${HIDDEN}`],
    ['a length in hex', `POST /mlflow/x HTTP/1.1\r\nHost: h\r\nContent-Length: 0x5\r\n\r\nabcde${HIDDEN}`],
    [
      'a huge length',
      `POST /mlflow/x HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999\r\n\r\n${HIDDEN}`,
    ],
    [
      'a space before the colon',
      `POST /mlflow/x HTTP/1.1\r\nHost: h\r\nContent-Length : 5\r\n\r\nabcde${HIDDEN}`,
    ],
    [
      'chunks twice',
      `POST /mlflow/x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n${HIDDEN}`,
    ],
    [
      'chunks not last',
      `POST /mlflow/x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${HIDDEN}`,
    ],
    [
      'a vertical tab in the coding',
      `POST /mlflow/x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n${HIDDEN}`,
    ],
    [
      'a coding of another kind',
      `POST /mlflow/x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n0\r\n\r\n${HIDDEN}`,
    ],
    [
      'a bad chunk size',
      `POST /mlflow/x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0x5\r\nabcde\r\n0\r\n\r\n${HIDDEN}`,
    ],
    ['a folded header', `${GET}X-A: 1\r\n folded\r\n\r\n`],
    ['a bare line feed between headers', 'GET /mlflow/x HTTP/1.1\nHost: h\nX-A: 1\n\n'],
    ['a bare carriage return in a value', `${GET}X-A: 1\rX-B: 2\r\n\r\n`],
    ['a NUL in a value', `${GET}X-A: a\0b\r\n\r\n`],
    ['an empty header name', `${GET}: x\r\n\r\n`],
    ['a space in a header name', `${GET}X A: x\r\n\r\n`],
    ['a space in the target', 'GET /mlflow/x y HTTP/1.1\r\nHost: h\r\n\r\n'],
    ['bytes above ASCII in the target', 'GET /mlflow/caf\xe9 HTTP/1.1\r\nHost: h\r\n\r\n'],
    ['an unknown version', 'GET /mlflow/x HTTP/3.7\r\nHost: h\r\n\r\n'],
    ['an unknown method', 'GRAB /mlflow/x HTTP/1.1\r\nHost: h\r\n\r\n'],
    ['no Host', 'GET /mlflow/x HTTP/1.1\r\n\r\n'],
    ['two Hosts', 'GET /mlflow/x HTTP/1.1\r\nHost: h\r\nHost: evil\r\nConnection: close\r\n\r\n'],
    ['another protocol', 'SSH-2.0-OpenSSH_9.6\r\n\r\n'],
    ['a TLS hello', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  ])('%s is refused, and nothing hidden reaches MLflow', async (_title, bytes) => {
    const { status, statuses } = await send(bytes);
    expect([400, 501, 0]).toContain(status);
    expect(statuses.filter((each) => each === 200)).toEqual([]);
    expect(urls()).not.toContain('/smuggled');
    expect(urls().length).toBeLessThanOrEqual(/chunk size/.test(_title) ? 1 : 0);
  });

  it('pipelined requests are two requests, each judged and answered in order', async () => {
    const { statuses } = await send(`${HIDDEN}${GET}Connection: close\r\n\r\n`);
    expect(statuses).toEqual([200, 200]);
    expect(urls()).toEqual(['/smuggled', '/x']);
  });

  it('headers above 128 KiB are 431', async () => {
    const { status, text } = await send(`${GET}X-A: ${'a'.repeat(200_000)}\r\n\r\n`);
    expect(status).toBe(431);
    expect(text).toContain('"error_code":"BAD_REQUEST"');
    expect(urls()).toEqual([]);
  });

  it.each([
    ['absolute form', 'GET http://internal/mlflow/x HTTP/1.1', 400],
    ['absolute form to another place', 'GET http://169.254.169.254/latest HTTP/1.1', 400],
    ['asterisk form', 'OPTIONS * HTTP/1.1', 400],
    ['a dot segment', 'GET /mlflow/../health HTTP/1.1', 400],
    ['a dot segment at the end', 'GET /mlflow/x/.. HTTP/1.1', 400],
    ['an encoded dot segment', 'GET /mlflow/%2e%2e/x HTTP/1.1', 400],
    ['an encoded slash and dots', 'GET /mlflow/a%2f..%2f..%2fx HTTP/1.1', 400],
    ['half encoded dots', 'GET /mlflow/.%2E/x HTTP/1.1', 400],
    ['a backslash', 'GET /mlflow/a\\..\\x HTTP/1.1', 400],
    ['an encoded backslash', 'GET /mlflow/a%5C..%5Cx HTTP/1.1', 400],
    ['an encoded NUL', 'GET /mlflow/x%00.html HTTP/1.1', 400],
    ['broken percent-encoding', 'GET /mlflow/%zz HTTP/1.1', 400],
    ['overlong UTF-8', 'GET /mlflow/%c0%ae%c0%ae/x HTTP/1.1', 400],
    ['TRACE', 'TRACE /mlflow/x HTTP/1.1', 405],
    ['the mount in capitals', 'GET /API/MLFLOW/x HTTP/1.1', 404],
    ['the mount in mixed case', 'GET /Mlflow/x HTTP/1.1', 404],
    ['a path that only begins like the mount', 'GET /mlflowx/x HTTP/1.1', 404],
    ['an encoded slash after the mount', 'GET /mlflow%2Fx HTTP/1.1', 404],
    ['a doubled slash before the mount', 'GET //mlflow/x HTTP/1.1', 404],
    ['a path that only begins like health', 'GET /healthXYZ HTTP/1.1', 404],
    ['an encoded letter in the mount', 'GET /%6dlflow/x HTTP/1.1', 404],
    ['the old bypass of the proxied health', 'GET /health/../mlflow/x HTTP/1.1', 400],
  ])('%s never reaches MLflow: %s is %i', async (_title, line, expected) => {
    const { status, text } = await send(`${line}\r\nHost: h\r\nConnection: close\r\n\r\n`);
    expect(status).toBe(expected);
    expect(text).toMatch(/"error_code":"(BAD_REQUEST|ENDPOINT_NOT_FOUND)"/);
    expect(urls()).toEqual([]);
  });

  it('CONNECT opens no tunnel', async () => {
    const { status } = await send('CONNECT internal:22 HTTP/1.1\r\nHost: internal:22\r\n\r\n');
    expect(status).not.toBe(200);
    expect(urls()).toEqual([]);
  });

  it.each(['websocket', 'h2c', 'TLS/1.0'])(
    'Upgrade: %s is dropped and answered as HTTP/1.1',
    async (protocol) => {
      const { statuses } = await send(
        `${GET}Connection: Upgrade, HTTP2-Settings, close\r\nUpgrade: ${protocol}\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n` +
          'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
      );
      expect(statuses).toEqual([200]);
      expect(JSON.stringify(h.upstream.requests[0]!.rawHeaders)).not.toMatch(/upgrade|http2-settings/i);
    },
  );

  it('a Connection header cannot strip what the gateway adds, nor the length of a body', async () => {
    await send(
      'POST /mlflow/x HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nConnection: close, x-forwarded-for, X-Request-Id, ' +
        `x-hokusai-user-id, via, traceparent, content-length, host\r\n\r\nabc`,
    );
    const { headers, body } = h.upstream.requests[0]!;
    expect(headers).toMatchObject({
      host: new URL(h.upstream.url).host,
      'x-forwarded-for': '127.0.0.1',
      'x-request-id': expect.any(String),
      'x-hokusai-user-id': 'user%201',
      via: '1.1 mlflow-gateway',
      'content-length': '3',
    });
    expect(body.toString()).toBe('abc');
  });

  it('a forwarded loopback address never opens what MLflow keeps for loopback clients', async () => {
    await send(
      `${GET}X-Forwarded-For: 127.0.0.1, ::1\r\nX-Forwarded-For: 127.0.0.1\r\nConnection: close\r\n\r\n`,
    );
    const values = h.upstream.requests[0]!.rawHeaders.filter((_v, i, all) =>
      /^x-forwarded-for$/i.test(all[i - 1] ?? ''),
    );
    expect(values).toEqual(['127.0.0.1']);
  });

  it('a client that trickles its headers holds a connection and nothing else', async () => {
    const slow = Array.from({ length: 50 }, () => {
      const socket = connect(h.proxy.port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.write('GET /mlflow/slow HTTP/1.1\r\nHost: h\r\nX-A: ');
      return socket;
    });
    const startedAt = performance.now();
    expect((await send(`${GET}Connection: close\r\n\r\n`)).status).toBe(200);
    expect(performance.now() - startedAt).toBeLessThan(2000);
    expect(urls()).toEqual(['/x']);
    for (const socket of slow) socket.destroy();
  });

  it('the server still works after all of it, and no request is left open', async () => {
    expect((await send(`${GET}Connection: close\r\n\r\n`)).status).toBe(200);
    await eventually(async () => (await h.proxy.metric('mlflow_proxy_in_flight')) === 0);
  });
});
