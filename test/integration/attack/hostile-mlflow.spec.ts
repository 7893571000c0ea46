import { eventually } from '../../support/lib/eventually.js';
import { startProxy, type ProxyUnderTest } from '../proxy/proxy-harness.js';
import { rawRequest, startRawServer, type RawServer } from '../proxy/raw-http.js';

const END = 'Content-Length: 0\r\n\r\n';
const OK = 'HTTP/1.1 200 OK\r\n';
const request = (method = 'GET', version = '1.1'): string =>
  `${method} /mlflow/x HTTP/${version}\r\nHost: h\r\nConnection: close\r\n\r\n`;

describe('an MLflow that answers as no server should', () => {
  let upstream: RawServer;
  let proxy: ProxyUnderTest;
  /** Pieces of the next answer; the second one comes a moment after the first. */
  let answer: readonly string[] = [];
  beforeAll(async () => {
    upstream = await startRawServer((socket, soFar) => {
      if (!soFar.endsWith('\r\n\r\n')) return;
      const [first = '', second] = answer;
      socket.write(first, 'latin1');
      if (second !== undefined) setTimeout(() => socket.write(second, 'latin1'), 20);
    });
    proxy = await startProxy(upstream.url);
  });
  afterAll(async () => {
    await proxy?.close();
    await upstream?.close();
  });
  afterEach(async () => {
    // Whatever came, nothing is left under way, and the next request is served.
    await eventually(async () => (await proxy.metric('mlflow_proxy_in_flight')) === 0);
    answer = [`${OK}${END}`];
    expect((await rawRequest(proxy.port, request())).status).toBe(200);
  });
  const ask = async (pieces: string | readonly string[], bytes = request()) => {
    answer = typeof pieces === 'string' ? [pieces] : pieces;
    return rawRequest(proxy.port, bytes, undefined, 3000);
  };

  it.each([
    ['a body of known length', `${OK}Trailer: X-T\r\nContent-Length: 3\r\n\r\n`, 'abc', request()],
    ['no body', 'HTTP/1.1 204 No Content\r\nTrailer: X-T\r\n\r\n', '', request()],
    ['an answer to HEAD', `${OK}Trailer: X-T\r\nTransfer-Encoding: chunked\r\n\r\n`, '', request('HEAD')],
    [
      'an answer to HTTP/1.0',
      `${OK}Trailer: X-T\r\nTransfer-Encoding: chunked\r\n\r\n`,
      '3\r\nabc\r\n0\r\n\r\n',
      request('GET', '1.0'),
    ],
  ])('may announce trailers with %s', async (_title, head, body, bytes) => {
    for (const pieces of [[head + body], [head, body]]) {
      const { status, text } = await ask(pieces, bytes);
      expect([200, 204]).toContain(status);
      if (body !== '') expect(text).toContain('abc');
    }
  });

  it.each([
    ['two equal lengths', `${OK}Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc`],
    ['a list of lengths', `${OK}Content-Length: 3, 3\r\n\r\nabc`],
    ['a negative length', `${OK}Content-Length: -3\r\n\r\nabc`],
    ['length and chunks', `${OK}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n`],
    ['chunks and length', `${OK}Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n2\r\nab\r\n0\r\n\r\n`],
    ['a control character in a value', `${OK}X-A: a\x01b\r\n${END}`],
    ['a DEL in a value', `${OK}X-A: a\x7fb\r\n${END}`],
    ['a NUL in a value', `${OK}X-A: a\0b\r\n${END}`],
    ['a bare carriage return in a value', `${OK}X-A: a\rSet-Cookie: forged=1\r\n${END}`],
    ['bare line feeds', `HTTP/1.1 200 OK\nX-A: a\nContent-Length: 0\n\n`],
    ['a folded header', `${OK}X-A: a\r\n Set-Cookie: forged=1\r\n${END}`],
    ['an empty name', `${OK}: a\r\n${END}`],
    ['a space in a name', `${OK}X A: a\r\n${END}`],
    ['a space before the colon', `${OK}X-A : a\r\n${END}`],
    ['a parenthesis in a name', `${OK}X(A): a\r\n${END}`],
    ['a byte above ASCII in a name', `${OK}X\xe9: a\r\n${END}`],
    ['a status of four digits', `HTTP/1.1 1000 OK\r\n${END}`],
    ['headers of 300 KB', `${OK}X-A: ${'a'.repeat(300_000)}\r\n${END}`],
  ])('%s is 502 and a fault of the protocol', async (_title, bytes) => {
    const before = await proxy.metric('mlflow_upstream_faults_total{kind="protocol"}');
    const { status, text } = await ask(bytes);
    expect(status).toBe(502);
    expect(text).not.toContain('forged');
    expect(await proxy.metric('mlflow_upstream_faults_total{kind="protocol"}')).toBe(before + 1);
  });

  it.each(['000', '099', '100', '101'])('status %s in place of an answer is 502', async (status) => {
    expect((await ask(`HTTP/1.1 ${status} Odd\r\n${END}`)).status).toBe(502);
  });

  it.each([
    ['a status of its own', `HTTP/1.1 999 Odd\r\n${END}`, 'HTTP/1.1 999 Odd'],
    ['a status text that cannot be sent on', `HTTP/1.1 200 a\x01\xe9\r\n${END}`, 'HTTP/1.1 200 \r\n'],
    ['no status text', `HTTP/1.1 200\r\n${END}`, 'HTTP/1.1 200 \r\n'],
    ['bytes above ASCII in a value', `${OK}X-A: caf\xe9 \xff\r\n${END}`, 'X-A: caf\xe9 \xff\r\n'],
    ['20,000 headers', `${OK}${'h: x\r\n'.repeat(20_000)}X-Last: 1\r\n${END}`, 'X-Last: 1'],
    ['a length for an answer without a body', `HTTP/1.1 304 NM\r\nContent-Length: 5\r\n\r\n`, '304 NM'],
    ['a hundred hints', `${'HTTP/1.1 103 E\r\nLink: </a>\r\n\r\n'.repeat(100)}${OK}${END}`, '200 OK'],
    ['a hint that is none', `HTTP/1.1 103 E\r\nLink: \x80\r\n\r\n${OK}${END}`, '200 OK'],
  ])('%s passes', async (_title, bytes, expected) => {
    expect((await ask(bytes)).text).toContain(expected);
  });

  it.each([
    ['behind an answer without a body', `HTTP/1.1 204 No Content\r\nContent-Length: 6\r\n\r\npoison`],
    ['behind its answer', `${OK}Content-Length: 1\r\n\r\na${OK}Content-Length: 6\r\n\r\npoison`],
    ['in its last chunk', `${OK}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n${OK}${END}poison`],
  ])('what it sends %s reaches nobody, and not the next request', async (_title, bytes) => {
    expect((await ask(bytes)).text).not.toContain('poison');
    expect((await ask(`${OK}Content-Length: 4\r\n\r\ngood`)).text).toMatch(/\r\n\r\ngood$/);
  });
});
