import { eventually } from '../../support/eventually.js';
import { startTestGateway, type TestGateway } from '../../support/gateway.js';
import { startRecordingUpstream, type RecordingUpstream } from '../../support/recording-upstream.js';
import { startFakeAuthService, type FakeAuthService } from '../../support/fake-auth-service.js';
import { rawRequest } from '../proxy/raw-http.js';

const UUID = /x-request-id: ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\r\n/i;
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
    await gateway.close();
    await auth.close();
    await upstream.close();
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
    expect(line['route']).toBe('mlflow');
    expect(gateway.logs.of('request').find((l) => l['path'] === '/nowhere')?.['route']).toBe('unmatched');
  });

  it('what is in flight when the server closes is finished, and the connection then closes', async () => {
    let finish = (): void => undefined;
    upstream.raw((_request, response) => void (finish = () => response.end('late')));
    const answer = rawRequest(
      port,
      `GET /mlflow/x HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer ${KEY}\r\n\r\n`,
    );
    await eventually(() => upstream.requests.length === 1);
    const closed = gateway.close();
    finish();
    const { status, text } = await answer;
    expect(status).toBe(200);
    expect(text).toContain('late');
    await closed;
  });

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
