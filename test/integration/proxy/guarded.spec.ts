import { startFakeAuthService, type FakeAuthService } from '../../support/servers/fake-auth-service.js';
import { startTestGateway, type TestGateway } from '../../support/systems/gateway.js';
import { startRecordingUpstream, type RecordingUpstream } from '../../support/servers/recording-upstream.js';
import { rawRequest } from './raw-http.js';

const KEY = 'hk_test_0123456789abcdef0123456789abcdef';

describe('the proxy behind the real guards', () => {
  let upstream: RecordingUpstream;
  let auth: FakeAuthService;
  let gateway: TestGateway;
  let port: number;
  beforeAll(async () => {
    upstream = await startRecordingUpstream();
    auth = await startFakeAuthService();
    auth.know(KEY, { valid: true, key_id: 'k 1', user_id: 'zoë' });
    gateway = await startTestGateway({ MLFLOW_SERVER_URL: upstream.url, HOKUSAI_AUTH_SERVICE_URL: auth.url });
    port = Number(new URL(gateway.url).port);
  });
  afterAll(async () => {
    await gateway?.close();
    await auth?.close();
    await upstream?.close();
  });
  beforeEach(() => (upstream.requests.length = 0));

  it.each(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY', 'PROPFIND', 'SEARCH'])(
    'a %s without a key never reaches MLflow, on either mount',
    async (method) => {
      for (const path of [
        '/mlflow',
        '/mlflow/',
        '/mlflow/x',
        '/api/mlflow',
        '/api/mlflow/x',
        '/api/mlflow//x',
      ]) {
        const { status } = await rawRequest(
          port,
          `${method} ${path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`,
        );
        expect([path, status]).toEqual([path, 401]);
      }
      expect(upstream.requests).toEqual([]);
    },
  );

  it('a request with a key carries who it is from, and never the key', async () => {
    const places: Record<string, string>[] = [
      { authorization: `Bearer ${KEY}` },
      { 'x-api-key': KEY },
      { authorization: `Basic ${Buffer.from(`user:${KEY}`).toString('base64')}` },
    ];
    for (const headers of places) {
      const answer = await fetch(`${gateway.url}/api/mlflow/api/2.0/mlflow/runs/get?run_id=1`, {
        headers,
      });
      expect(answer.status).toBe(200);
      expect(answer.headers.get('ratelimit')).toMatch(/"hour";r=\d+/);
    }
    const seen = JSON.stringify(upstream.requests);
    expect(seen).not.toContain(KEY);
    expect(seen).not.toContain(Buffer.from(`user:${KEY}`).toString('base64'));
    expect(upstream.requests[0]!.headers).toMatchObject({
      'x-hokusai-api-key-id': 'k%201',
      'x-hokusai-user-id': 'zo%C3%AB',
    });
    expect(gateway.logs.raw).not.toContain(KEY);
  });

  it("the limiter's headers stand, MLflow's own do not", async () => {
    upstream.answer((_request, response) => {
      response.writeHead(200, { RateLimit: 'upstream', 'X-RateLimit-Limit': 'upstream' });
      response.end('{}');
    });
    const { headers } = await fetch(`${gateway.url}/mlflow/api/2.0/mlflow/runs/get`, {
      headers: { authorization: `Bearer ${KEY}` },
    });
    expect(headers.get('ratelimit')).not.toContain('upstream');
    expect(headers.get('x-ratelimit-limit')).toMatch(/^\d+$/);
  });

  it('a refused upload is answered before it has arrived', async () => {
    const { status, text } = await rawRequest(
      port,
      'PUT /mlflow/x HTTP/1.1\r\nHost: h\r\nContent-Length: 100000000\r\n\r\nabc',
      (soFar) => soFar.includes('\r\n\r\n'),
    );
    expect(status).toBe(401);
    expect(text).toContain('application/problem+json');
    expect(upstream.requests).toEqual([]);
  });

  it('a gateway in front of a gateway is told as a loop, though the first one took the key out', async () => {
    const outer = await startTestGateway({
      MLFLOW_SERVER_URL: `${gateway.url}/api/mlflow`,
      HOKUSAI_AUTH_SERVICE_URL: auth.url,
    });
    const answer = await fetch(`${outer.url}/mlflow/api/2.0/mlflow/runs/get`, {
      headers: { authorization: `Bearer ${KEY}` },
    });
    expect([answer.status, await answer.json()]).toMatchObject([
      508,
      { detail: expect.stringContaining('already passed') },
    ]);
    expect(upstream.requests).toEqual([]);
    await outer.close();
  });
});
