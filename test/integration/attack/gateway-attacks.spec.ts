import { ADMIN_TOKEN, KEY, OTHER_KEY, startAuthSetup, type AuthSetup } from '../auth/setup.js';
import { rawRequest } from '../proxy/raw-http.js';

const AUTHORIZED = `Authorization: Bearer ${KEY}\r\n`;
const CHUNKED = 'Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n';

describe('attacks on the whole gateway', () => {
  let setup: AuthSetup;
  beforeAll(async () => {
    setup = await startAuthSetup();
    setup.auth.know(KEY, { valid: true, key_id: 'k1', user_id: 'u1' });
    setup.auth.know(OTHER_KEY, { valid: true, key_id: 'k2' });
  });
  afterAll(() => setup?.close());
  beforeEach(() => (setup.mlflow.requests.length = 0));
  const send = (line: string, rest: string) =>
    rawRequest(
      Number(new URL(setup.gateway.url).port),
      `${line} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n${rest}`,
    );
  const forwarded = (): string[] => setup.mlflow.requests.map(({ url }) => url);

  it.each([
    'GET /api/mlflow/health/mlflow;x',
    'GET /api/mlflow/health/mlflow/x',
    'GET /api/mlflow/%68ealth/mlflow',
    'GET /api/mlflow/health%2Fmlflow',
    'GET /api/mlflow//health/mlflow',
    'GET /api/mlflow/Health/mlflow',
    'POST /api/mlflow/health/mlflow',
    'DELETE /mlflow/health/mlflow',
    'GET /mlflow/health',
    'GET /mlflow/metrics',
    'GET /mlflow/internal/keys/invalidate',
    'OPTIONS /mlflow/x',
    'HEAD /mlflow/x',
  ])('%s is no way past the guards', async (line) => {
    expect((await send(line, '\r\n')).status).toBe(401);
    expect(forwarded()).toEqual([]);
  });

  it.each([
    '/health/../mlflow/x',
    '/health/%2e%2e/mlflow/x',
    '/mlflow/x#/../../health',
    '/metrics\\..\\mlflow/x',
  ])('%s is refused, with a key and without', async (path) => {
    for (const headers of ['', AUTHORIZED])
      expect((await send(`GET ${path}`, `${headers}\r\n`)).status).toBe(400);
    expect(forwarded()).toEqual([]);
  });

  it('a key in a trailer, in a cookie or in the body is none', async () => {
    const places = [
      `Trailer: Authorization\r\n${CHUNKED}${AUTHORIZED}\r\n`,
      `Cookie: api_key=${KEY}\r\nContent-Length: 0\r\n\r\n`,
      `Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${8 + KEY.length}\r\n\r\napi_key=${KEY}`,
      `X_API_Key: ${KEY}\r\nContent-Length: 0\r\n\r\n`,
    ];
    for (const rest of places) expect((await send('POST /mlflow/x', rest)).status).toBe(401);
    expect(forwarded()).toEqual([]);
  });

  it('trailers and chunk extensions of a good request stay behind', async () => {
    const body = `Transfer-Encoding: chunked\r\n\r\n3;x="y"\r\nabc\r\n0\r\nX-API-Key: ${OTHER_KEY}\r\nX-Hokusai-User-Id: admin\r\n\r\n`;
    expect((await send('POST /mlflow/x', AUTHORIZED + body)).status).toBe(200);
    const [request] = setup.mlflow.requests;
    expect(request?.body.toString()).toBe('abc');
    expect(request?.trailers).toEqual({});
    expect(JSON.stringify(request?.rawHeaders)).not.toMatch(/admin|hk_live/);
  });

  it.each([
    ['twice in Authorization', `${AUTHORIZED}Authorization: Bearer ${OTHER_KEY}\r\n`],
    ['in two spellings of one header', `X-API-Key: ${KEY}\r\nx-api-key: ${OTHER_KEY}\r\n`],
    ['as Basic and as Bearer', `${AUTHORIZED}X-Hokusai-API-Key: ${OTHER_KEY}\r\n`],
    ['in one header, separated by commas', `X-API-Key: ${KEY}, ${OTHER_KEY}\r\n`],
  ])('two keys %s are one too many', async (_title, headers) => {
    expect((await send('GET /mlflow/x', `${headers}\r\n`)).status).toBe(400);
    expect(forwarded()).toEqual([]);
  });

  it('what a client says of itself is neither believed nor logged as its own line', async () => {
    const forged =
      'X-Request-Id: x","event":"forged\r\ntraceparent: ' +
      `${'0'.repeat(5000)}\r\nX-Hokusai-User-Id: admin\r\nX_Hokusai_User_Id: admin\r\nForwarded: for=9.9.9.9\r\n` +
      'X-Forwarded-For: 9.9.9.9\r\nX-Forwarded-Host: evil.example\r\nUser-Agent: "\\u000a{"event":"forged"}\r\n';
    expect(
      (await send('GET /mlflow/%0a%7B%22event%22:%22forged%22%7D', `${AUTHORIZED}${forged}\r\n`)).status,
    ).toBe(200);
    const { headers } = setup.mlflow.requests[0]!;
    expect(headers).toMatchObject({
      'x-hokusai-user-id': 'u1',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-host': 'h',
    });
    expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(headers.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(JSON.stringify(headers)).not.toMatch(/admin|evil|9\.9\.9\.9/);
    expect(setup.gateway.logs.of('forged')).toEqual([]);
  });

  it('no key and no token of all this is in the log', () => {
    for (const secret of [KEY, OTHER_KEY, ADMIN_TOKEN])
      expect(setup.gateway.logs.raw).not.toContain(secret.slice(8, 30));
  });
});
