import { connect, type Socket } from 'node:net';
import { startProgram, type ChildProgram } from '../../support/programs/child-program.js';
import { eventually } from '../../support/lib/eventually.js';
import { freePort } from '../../support/programs/free-port.js';
import { startRecordingUpstream, type RecordingUpstream } from '../../support/servers/recording-upstream.js';
import { startProxy, type ProxyUnderTest } from '../proxy/proxy-harness.js';
import { rawRequest, startRawServer } from '../proxy/raw-http.js';
import { startStallingRelay, type StallingRelay } from '../redis/stalling-relay.js';

const GET = 'GET /mlflow/x HTTP/1.1\r\nHost: h\r\n\r\n';

describe('an MLflow that the network swallows', () => {
  const open: { close(): Promise<unknown> }[] = [];
  afterEach(async () => {
    for (const part of open.splice(0).reverse()) await part.close();
  });
  const kept = <T extends { close(): Promise<unknown> }>(part: T): T => {
    open.push(part);
    return part;
  };
  const statuses = (proxy: ProxyUnderTest, count: number): Promise<number[]> =>
    Promise.all(
      Array.from({ length: count }, async () => {
        const response = await fetch(`${proxy.url}/mlflow/x`);
        await response.text();
        return response.status;
      }),
    );

  it('connections that fall silent in mid-load cost one time-out, and those after them are new', async () => {
    const upstream: RecordingUpstream = kept(await startRecordingUpstream());
    const relay: StallingRelay = kept(await startStallingRelay(Number(new URL(upstream.url).port)));
    const proxy = kept(
      await startProxy(`http://127.0.0.1:${relay.port}`, { MLFLOW_HEADERS_TIMEOUT_SECONDS: '1' }),
    );
    expect(new Set(await statuses(proxy, 20))).toEqual(new Set([200]));
    const seen = upstream.requests.length;
    relay.stall();
    const during = await statuses(proxy, 20);
    expect(during.every((status) => status === 504 || status === 200)).toBe(true);
    const lost = during.filter((status) => status === 504).length;
    expect(lost).toBeGreaterThan(0);
    expect(await proxy.metric('mlflow_upstream_faults_total{kind="headers_timeout"}')).toBe(lost);
    // What was swallowed was sent, and is not sent again.
    expect(upstream.requests.length - seen).toBe(20 - lost);
    expect(new Set(await statuses(proxy, 20))).toEqual(new Set([200]));
    expect(await proxy.metric('mlflow_proxy_in_flight')).toBe(0);
  });

  it('connections that are never accepted are 504 in the time for connecting, and counted as such', async () => {
    const port = await freePort();
    const deaf = startProgram('python3', ['-c', DEAF_SERVER, String(port)]);
    kept({ close: () => deaf.stop('SIGKILL') });
    await eventually(() => deaf.output().includes('listening'));
    const fill = await fillBacklog(port, deaf);
    const proxy = kept(await startProxy(`http://127.0.0.1:${port}`, { MLFLOW_CONNECT_TIMEOUT_MS: '300' }));
    const startedAt = performance.now();
    expect((await fetch(`${proxy.url}/mlflow/x`, { method: 'POST', body: 'x' })).status).toBe(504);
    expect(performance.now() - startedAt).toBeLessThan(5000);
    expect(await proxy.metric('mlflow_upstream_faults_total{kind="connect_timeout"}')).toBe(1);
    for (const socket of fill) socket.destroy();
  });

  it('one that closes its side while it still answers has its answer passed on whole', async () => {
    const upstream = kept(
      await startRawServer((socket) => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc');
        setTimeout(() => socket.end('def'), 30);
      }),
    );
    const proxy = kept(await startProxy(upstream.url));
    for (let n = 0; n < 3; n++)
      expect(await (await fetch(`${proxy.url}/mlflow/x`, { method: 'POST', body: 'x' })).text()).toBe(
        'abcdef',
      );
    expect(upstream.received).toHaveLength(3);
  });

  it('a client that closes its side has left: MLflow is let go, and the log says 499', async () => {
    let closed = false;
    const upstream = kept(
      await startRawServer(
        (socket) => void socket.once('close', () => (closed = true)).once('end', () => socket.end()),
      ),
    );
    const proxy = kept(await startProxy(upstream.url));
    const client = connect(proxy.port, '127.0.0.1');
    client.on('error', () => undefined);
    client.end(GET);
    await eventually(() => closed);
    const line = await eventually(() => proxy.logs.of('request').find((one) => one['route'] === 'mlflow_ui'));
    expect(line).toMatchObject({ status: 499, reason: 'client_gone' });
    expect(
      (await rawRequest(proxy.port, 'GET /nowhere HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n')).status,
    ).toBe(404);
  });
});

/** Listens and accepts nobody: once its queue is full, the kernel drops who knocks. */
const DEAF_SERVER = `
import socket, sys, time
server = socket.socket()
server.bind(("127.0.0.1", int(sys.argv[1])))
server.listen(0)
print("listening", flush=True)
time.sleep(600)
`;

async function fillBacklog(port: number, deaf: ChildProgram): Promise<Socket[]> {
  const sockets: Socket[] = [];
  for (let connected = true; connected && sockets.length < 50;) {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    sockets.push(socket);
    connected = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      setTimeout(() => resolve(false), 200);
    });
  }
  if (sockets.length >= 50) throw new Error(`the queue does not fill: ${deaf.output()}`);
  return sockets;
}
