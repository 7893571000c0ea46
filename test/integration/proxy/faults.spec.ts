import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { eventually } from '../../support/lib/eventually.js';
import { freePort } from '../../support/programs/free-port.js';
import { startProxy, type ProxyUnderTest } from './proxy-harness.js';
import { oneAnswer, rawRequest, startRawServer, type RawServer } from './raw-http.js';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const headDone = (text: string): boolean => text.includes('\r\n\r\n');

describe('when MLflow fails', () => {
  const open: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const part of open.splice(0).reverse()) await part.close();
  });
  async function behind(
    onData: Parameters<typeof startRawServer>[0],
    env: Record<string, string> = {},
  ): Promise<{ upstream: RawServer; proxy: ProxyUnderTest }> {
    const upstream = await startRawServer(onData);
    open.push(upstream);
    const proxy = await startProxy(upstream.url, env);
    open.push(proxy);
    return { upstream, proxy };
  }
  const fault = async (proxy: ProxyUnderTest, kind: string) =>
    expect(await proxy.metric(`mlflow_upstream_faults_total{kind="${kind}"}`)).toBe(1);
  const requestsIn = (upstream: RawServer): number =>
    upstream.received.reduce((sum, text) => sum + (text.match(/ HTTP\/1\.1\r\n/g) ?? []).length, 0);

  it('refused connections are 502, without the address in the text, and tried twice', async () => {
    const port = await freePort();
    const proxy = await startProxy(`http://127.0.0.1:${port}`);
    open.push(proxy);
    for (const method of ['GET', 'POST']) {
      const answer = await fetch(`${proxy.url}/mlflow/x`, {
        method,
        ...(method === 'POST' && { body: 'x' }),
      });
      const text = await answer.text();
      expect([answer.status, answer.headers.get('content-type')]).toEqual([502, 'application/problem+json']);
      expect(JSON.parse(text)).toMatchObject({
        error_code: 'TEMPORARILY_UNAVAILABLE',
        detail: 'MLflow could not be reached',
      });
      expect(text).not.toMatch(/127\.0\.0\.1|ECONNREFUSED/);
      expect(answer.headers.get('retry-after')).toBeNull();
    }
    expect(await proxy.metric('mlflow_proxy_retries_total{kind="connect"}')).toBe(2);
    expect(await proxy.metric('mlflow_proxy_requests_total{outcome="fault"}')).toBe(2);
    expect(proxy.logs.of('mlflow_upstream_fault')[0]).toMatchObject({
      kind: 'connect',
      code: 'ECONNREFUSED',
      attempts: 2,
    });
  });

  it('a write that finds no connection is sent once MLflow is there again', async () => {
    const port = await freePort();
    const proxy = await startProxy(`http://127.0.0.1:${port}`);
    open.push(proxy);
    expect((await fetch(`${proxy.url}/mlflow/x`, { method: 'POST', body: 'x' })).status).toBe(502);
    open.push(await startRawServer((socket, text) => void (headDone(text) && socket.write(OK)), port));
    expect((await fetch(`${proxy.url}/mlflow/x`, { method: 'POST', body: 'x' })).status).toBe(200);
  });

  it.each(['GET', 'POST', 'PUT', 'DELETE', 'PATCH'])(
    '%s reset before the first byte is 502, sent once',
    async (method) => {
      const { upstream, proxy } = await behind((socket) => socket.resetAndDestroy());
      const body = method === 'GET' ? {} : { body: '{}' };
      expect((await fetch(`${proxy.url}/mlflow/x`, { method, ...body })).status).toBe(502);
      expect(requestsIn(upstream)).toBe(1);
      await fault(proxy, 'reset');
    },
  );

  it('an answer reset after its first byte is cut, never ended, and logged as 502', async () => {
    const { proxy } = await behind((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n');
      setTimeout(() => socket.resetAndDestroy(), 30);
    });
    const answer = await rawRequest(proxy.port, 'GET /mlflow/x HTTP/1.1\r\nHost: h\r\n\r\n');
    expect(answer.status).toBe(200);
    expect(answer.text).toContain('abc');
    expect(answer.text).not.toContain('\r\n0\r\n');
    await fault(proxy, 'reset');
    const line = await eventually(() => proxy.logs.of('request').find((l) => l['route'] === 'mlflow_ui'));
    expect(line).toMatchObject({ status: 502, reason: 'reset' });
  });

  it.each([
    ['closes in mid-body', (): string => 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc'],
    ['closes in mid-head', (): string => 'HTTP/1.1 200 OK\r\nContent-Le'],
    ['closes without a byte', (): string => ''],
  ])('an MLflow that %s never looks complete', async (_title, bytes) => {
    const { proxy } = await behind((socket) => socket.end(bytes()));
    const answer = await rawRequest(
      proxy.port,
      'POST /mlflow/x HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx',
      oneAnswer,
    );
    if (bytes().includes('abc')) expect(answer.text).toMatch(/Content-Length: 10[\s\S]*abc$/i);
    else expect(answer.status).toBe(502);
    await fault(proxy, bytes().includes('abc') ? 'reset' : 'reset');
  });

  it('an answer that ends by closing its connection is complete', async () => {
    const { proxy } = await behind((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nabc'));
    expect(await (await fetch(`${proxy.url}/mlflow/x`)).text()).toBe('abc');
  });

  it.each([
    ['no HTTP at all', 'SSH-2.0-OpenSSH\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc'],
    [
      'length and chunks',
      'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    [
      'a switch of protocols',
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n',
    ],
  ])('%s is 502', async (_title, bytes) => {
    const { proxy } = await behind((socket) => void socket.write(bytes));
    expect((await fetch(`${proxy.url}/mlflow/x`, { method: 'POST', body: 'x' })).status).toBe(502);
  });

  it('an answer that is here whole is complete, though MLflow closes while the client takes its time', async () => {
    const length = 256 * 1024;
    const { upstream, proxy } = await behind((socket) => {
      socket.end(`HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n${'x'.repeat(length)}`);
    });
    // Holds back what the gateway writes, so that the last piece of the body is one too many.
    let client: Socket | undefined;
    const hold = (message: unknown): void => {
      client = (message as { socket: Socket }).socket;
      client.cork();
    };
    subscribe('http.server.request.start', hold);
    try {
      const answer = rawRequest(proxy.port, 'GET /mlflow/x HTTP/1.1\r\nHost: g\r\n\r\n', oneAnswer);
      await eventually(() => upstream.sockets[0]?.destroyed);
      client?.uncork();
      const { status, text } = await answer;
      expect([status, text.length - text.indexOf('\r\n\r\n') - 4]).toEqual([200, length]);
    } finally {
      unsubscribe('http.server.request.start', hold);
    }
    expect(proxy.logs.of('mlflow_upstream_fault')).toEqual([]);
  });

  it('an answer that does not begin is 504', async () => {
    const { proxy } = await behind(() => undefined, { MLFLOW_HEADERS_TIMEOUT_SECONDS: '1' });
    const answer = await fetch(`${proxy.url}/mlflow/x`);
    expect([answer.status, ((await answer.json()) as { error_code: string }).error_code]).toEqual([
      504,
      'DEADLINE_EXCEEDED',
    ]);
    expect(answer.headers.get('retry-after')).toBeNull();
    await fault(proxy, 'headers_timeout');
  });

  it('LLM calls have 300 s and more to begin, and between two pieces of their answer', async () => {
    const late = { MLFLOW_HEADERS_TIMEOUT_SECONDS: '1', BODY_IDLE_TIMEOUT_SECONDS: '1' };
    const { proxy } = await behind((socket, text) => {
      if (!headDone(text)) return;
      setTimeout(() => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc'), 2200);
      setTimeout(() => socket.write('def'), 4600);
    }, late);
    expect((await fetch(`${proxy.url}/mlflow/x`)).status).toBe(504);
    const answer = await fetch(`${proxy.url}/mlflow/gateway/chat/invocations`, {
      method: 'POST',
      body: '{}',
    });
    expect([answer.status, await answer.text()]).toEqual([200, 'abcdef']);
  });

  it('a body that stalls is cut after the idle time-out, one that trickles is not', async () => {
    const { proxy } = await behind(
      (socket, text) => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n');
        if (text.includes('/stall')) return void socket.write('abc');
        let sent = 0;
        const timer = setInterval(() => {
          socket.write('x');
          if (++sent === 8) clearInterval(timer);
        }, 300);
      },
      { BODY_IDLE_TIMEOUT_SECONDS: '1' },
    );
    const trickle = fetch(`${proxy.url}/mlflow/trickle`).then((answer) => answer.text());
    const stalled = await rawRequest(proxy.port, 'GET /mlflow/stall HTTP/1.1\r\nHost: h\r\n\r\n');
    expect(stalled.text.endsWith('abc')).toBe(true);
    expect(await trickle).toBe('xxxxxxxx');
    await fault(proxy, 'body_timeout');
  });

  it('a read on a pooled connection that MLflow has dropped is repeated once on a fresh one, a write is not', async () => {
    const { upstream, proxy } = await behind((socket, text, connection) => {
      if (!headDone(text)) return;
      // Each pooled connection answers once and dies while it serves the second request.
      if (text.match(/ HTTP\/1\.1\r\n/g)!.length > 1) socket.resetAndDestroy();
      else socket.write(connection >= 0 ? OK : '');
    });
    const send = async (method: string) => (await fetch(`${proxy.url}/mlflow/${method}`, { method })).status;
    expect([await send('GET'), await send('GET')]).toEqual([200, 200]);
    expect(await proxy.metric('mlflow_proxy_retries_total{kind="reset"}')).toBe(1);
    expect([await send('GET'), await send('POST')]).toEqual([200, 502]);
    expect(upstream.received.filter((text) => text.includes('POST'))).toHaveLength(1);
    expect([await send('GET'), await send('DELETE')]).toEqual([200, 502]);
    expect(upstream.received.filter((text) => text.includes('DELETE'))).toHaveLength(1);
  });

  it('idle connections are dropped before uvicorn drops them', async () => {
    const { upstream, proxy } = await behind((socket, text) => void (headDone(text) && socket.write(OK)));
    await fetch(`${proxy.url}/mlflow/x`);
    const closed = new Promise((resolve) => upstream.sockets[0]!.once('end', resolve));
    const startedAt = performance.now();
    await closed;
    const afterMs = performance.now() - startedAt;
    expect(afterMs).toBeGreaterThan(2500);
    expect(afterMs).toBeLessThan(4900);
  });

  it('a longer keep-alive that MLflow announces changes nothing', async () => {
    const { upstream, proxy } = await behind(
      (socket, text) =>
        void (
          headDone(text) &&
          socket.write('HTTP/1.1 200 OK\r\nKeep-Alive: timeout=600\r\nContent-Length: 2\r\n\r\nok')
        ),
    );
    await fetch(`${proxy.url}/mlflow/x`);
    await new Promise((resolve) => upstream.sockets[0]!.once('end', resolve));
  });
});
