import { connect, type Socket } from 'node:net';
import { eventually } from '../../support/lib/eventually.js';
import { startProxy, type ProxyUnderTest } from './proxy-harness.js';
import { startRawServer, type RawServer } from './raw-http.js';

const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
/** Half of a chunk of 100,000 bytes. */
const HALF = `${CHUNKED}186a0\r\n${'#'.repeat(50_000)}`;

describe('an answer that is cut never looks complete', () => {
  let upstream: RawServer;
  let proxy: ProxyUnderTest;
  let client: Socket;
  let seen: string;
  let how: string | undefined;

  /** Half an answer, or one that tells its length, for each request. */
  async function start(answer: string, env: Record<string, string> = {}): Promise<void> {
    upstream = await startRawServer((socket) => void socket.write(answer));
    proxy = await startProxy(upstream.url, env);
  }
  function ask(text: string): void {
    seen = '';
    how = undefined;
    client = connect(proxy.port, '127.0.0.1').setEncoding('latin1');
    client.on('data', (piece: string) => (seen += piece));
    client.on('end', () => (how ??= 'end'));
    client.on('error', (error: NodeJS.ErrnoException) => (how ??= error.code));
    client.write(text);
  }
  const half = (): Promise<unknown> => eventually(() => seen.split('#').length > 50_000);
  const over = (): Promise<string> => eventually(() => how);
  afterEach(async () => {
    client?.destroy();
    await proxy?.close();
    await upstream?.close();
  });
  const get = (version: string): string => `GET /mlflow/x HTTP/${version}\r\nHost: h\r\n\r\n`;

  it.each([
    ['resets', (socket: Socket): unknown => socket.resetAndDestroy()],
    ['closes', (socket: Socket): unknown => socket.end()],
  ])('to a client of HTTP/1.0, whose connection is reset where MLflow %s', async (_title, cut) => {
    await start(HALF);
    ask(get('1.0'));
    await half();
    cut(upstream.sockets[0]!);
    expect(await over()).toBe('ECONNRESET');
    expect(seen).not.toMatch(/content-length|transfer-encoding/i);
  });

  it('to a client of HTTP/1.0 that takes nothing for too long', async () => {
    await start(`${CHUNKED}4000000\r\n${'x'.repeat(0x4000000)}\r\n0\r\n\r\n`, {
      BODY_IDLE_TIMEOUT_SECONDS: '1',
    });
    ask(get('1.0'));
    client.pause();
    await eventually(() => proxy.logs.of('request').length === 1);
    client.resume();
    expect(await over()).toBe('ECONNRESET');
  });

  it('to a client of HTTP/1.0, where the server closes before it is complete', async () => {
    await start(HALF);
    ask(get('1.0'));
    await half();
    await proxy.close();
    expect(await over()).toBe('ECONNRESET');
  });

  it.each([
    ['its chunks have no end', '1.1', HALF],
    ['its length says more', '1.1', `HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n${'#'.repeat(50_000)}`],
    ['its length says more', '1.0', `HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n${'#'.repeat(50_000)}`],
  ])('where %s (HTTP/%s): what has come arrives, and the connection closes', async (_t, version, answer) => {
    await start(answer);
    ask(get(version));
    await half();
    upstream.sockets[0]!.resetAndDestroy();
    expect(await over()).toBe('end');
    expect(seen).not.toContain('\r\n0\r\n');
    expect(seen).toMatch(/\r\n(content-length: 100000|transfer-encoding: chunked)\r\n/i);
  });

  it('behind another answer on its connection, which ends with that one', async () => {
    await start('');
    ask(get('1.1') + get('1.1'));
    await eventually(() => upstream.sockets.length === 2);
    const [first, second] = upstream.sockets;
    second!.write(HALF);
    await eventually(async () => (await proxy.metric('mlflow_upstream_first_byte_seconds_count')) === 1);
    second!.resetAndDestroy();
    await eventually(async () => (await proxy.metric('mlflow_proxy_in_flight')) === 1);
    first!.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst');
    expect(await over()).toBe('end');
    expect(seen).toMatch(/first$/);
  });
});
