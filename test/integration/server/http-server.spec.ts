import { once } from 'node:events';
import { connect } from 'node:net';
import { eventually } from '../../support/lib/eventually.js';
import { startTestGateway, type TestGateway } from '../../support/systems/gateway.js';
import { startRecordingUpstream, type RecordingUpstream } from '../../support/servers/recording-upstream.js';
import { startFakeAuthService, type FakeAuthService } from '../../support/servers/fake-auth-service.js';
import { metricsOf } from '../../support/lib/metrics.js';
import { rawRequest } from '../proxy/raw-http.js';

const UUID = /x-request-id: ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\r\n/i;
/** Longer than a test may take: what waits for this has failed. */
const NEVER_MS = 600_000;
const KEY = 'hk_test_0123456789abcdef0123456789abcdef';

describe('the HTTP server', () => {
  let upstream: RecordingUpstream;
  let auth: FakeAuthService;
  let gateway: TestGateway;
  let port: number;
  beforeEach(async () => {
    upstream = await startRecordingUpstream();
    auth = await startFakeAuthService();
    auth.know(KEY);
    gateway = await startTestGateway({ MLFLOW_SERVER_URL: upstream.url, HOKUSAI_AUTH_SERVICE_URL: auth.url });
    port = Number(new URL(gateway.url).port);
  });
  afterEach(async () => {
    await gateway?.close();
    await auth?.close();
    await upstream?.close();
  });

  it.each([
    ['an answer of MLflow', `GET /mlflow/x HTTP/1.1\r\nAuthorization: Bearer ${KEY}`],
    ['a health answer', 'GET /health HTTP/1.1'],
    ['a refusal', 'GET /mlflow/x HTTP/1.1'],
    ['a 404', 'GET /nowhere HTTP/1.1'],
    ['a refused target', 'GET /../x HTTP/1.1'],
    ['what the parser refuses', 'GET /x HTTP/1.1\r\nContent-Length: x'],
  ])('%s bears a request id, once', async (_title, line) => {
    const { text } = await rawRequest(port, `${line}\r\nHost: h\r\nConnection: close\r\n\r\n`);
    expect(text.match(new RegExp(UUID, 'gi'))).toHaveLength(1);
  });

  it.each([
    ['a bad length', 'GET /x HTTP/1.1\r\nHost: h\r\nContent-Length: x', 400, 'bad-request'],
    ['endless headers', `GET /x HTTP/1.1\r\nX-A: ${'a'.repeat(200_000)}`, 431, 'headers-too-large'],
    [
      'an unknown coding',
      'POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, x',
      501,
      'transfer-encoding-not-supported',
    ],
  ])('bytes that are not a request are counted and logged: %s', async (_title, head, status, problem) => {
    const { text } = await rawRequest(port, `${head}\r\n\r\n`);
    expect(text).toContain(`HTTP/1.1 ${status} `);
    expect(text).toContain(`"type":"https://docs.hokus.ai/errors/${problem}"`);
    const metrics = await metricsOf(gateway);
    expect(metrics).toContain(`http_unreadable_requests_total{problem="${problem}"} 1`);
    expect(gateway.logs.of('request_unreadable')).toMatchObject([{ status, peer: '127.0.0.1' }]);
    expect(gateway.logs.raw).not.toContain('aaaa');
  });

  it('a request without a Host is refused, in the body and the log of all others; HTTP/1.0 needs none', async () => {
    const head = `Authorization: Bearer ${KEY}\r\nConnection: close\r\n\r\n`;
    const { text } = await rawRequest(port, `GET /mlflow/x HTTP/1.1\r\n${head}`);
    expect(text).toMatch(/^HTTP\/1.1 400 [^]*"error_code":"BAD_REQUEST"/);
    expect(upstream.requests).toEqual([]);
    const line = await eventually(() => gateway.logs.of('request')[0]);
    expect(line).toMatchObject({ status: 400, reason: 'no-host' });
    expect((await rawRequest(port, `GET /mlflow/x HTTP/1.0\r\n${head}`)).status).toBe(200);
  });

  it('an expectation that nobody knows changes nothing', async () => {
    const head = `Host: h\r\nExpect: a-miracle\r\nAuthorization: Bearer ${KEY}\r\nConnection: close`;
    const { status } = await rawRequest(port, `GET /mlflow/x HTTP/1.1\r\n${head}\r\n\r\n`);
    expect(status).toBe(200);
    expect(upstream.requests[0]!.headers.expect).toBeUndefined();
  });

  it.each([1000, 1990, 2000, 2010, 10_000])(
    'of %i headers either all are read or none: the last one is never left out',
    async (count) => {
      const { status } = await rawRequest(
        port,
        `GET /mlflow/x HTTP/1.1\r\nHost: h\r\n${'a: b\r\n'.repeat(count)}Connection: close\r\n` +
          `X-Last: 1\r\nAuthorization: Bearer ${KEY}\r\n\r\n`,
      );
      expect([200, 431]).toContain(status);
      if (status === 200) expect(upstream.requests[0]!.headers['x-last']).toBe('1');
    },
  );

  it("a caller's request id is kept where it is a UUID, and replaced where it is not", async () => {
    const id = '0AB1C2D3-0000-4000-8000-000000000001';
    const idOf = async (given: string) =>
      (await fetch(`${gateway.url}/health`, { headers: { 'x-request-id': given } })).headers.get(
        'x-request-id',
      );
    expect(await idOf(id)).toBe(id.toLowerCase());
    expect(await idOf('"><script>')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('names the route of requests that end before their controller', async () => {
    await fetch(`${gateway.url}/mlflow/x`);
    await fetch(`${gateway.url}/nowhere`);
    const line = await eventually(() => gateway.logs.of('request').find((l) => l['path'] === '/mlflow/x'));
    expect(line['route']).toBe('mlflow_ui');
    expect(gateway.logs.of('request').find((l) => l['path'] === '/nowhere')?.['route']).toBe('unmatched');
  });

  it.each([
    ['before its answer has begun', false],
    ['in the middle of its answer', true],
  ])(
    'what is in flight when the server closes is finished, and its connection then closes: %s',
    async (_, begun) => {
      let finish = (): void => undefined;
      upstream.raw((_request, response) => {
        if (begun) response.write('first');
        finish = () => response.end('late');
      });
      let seen = '';
      const socket = connect(port, '127.0.0.1').setEncoding('latin1');
      socket.on('data', (text: string) => (seen += text));
      const ended = once(socket, 'close');
      socket.write(`GET /mlflow/x HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer ${KEY}\r\n\r\n`);
      await eventually(() => upstream.requests.length === 1 && (!begun || seen.includes('first')));
      const closed = gateway.close(NEVER_MS);
      finish();
      await closed;
      await ended;
      expect(seen).toMatch(/^HTTP\/1.1 200 /);
      expect(seen).toContain('late');
      // A client that knows does not send another request into a connection that closes.
      expect(/\r\nconnection: close\r\n/i.test(seen)).toBe(!begun);
    },
  );

  it('a route refused by its headers never says 100 Continue', async () => {
    const body = '{"key_id":"x"}';
    const { statuses } = await rawRequest(
      port,
      `POST /internal/keys/invalidate HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n`,
    );
    // Closed without an admin token: refused by its headers, and so never told to go on.
    expect(statuses).toEqual([404]);
  });
});
