import { request as send } from 'node:http';
import { startFakeAuthService, type FakeAuthService } from '../../support/servers/fake-auth-service.js';
import { startTestGateway, type TestGateway } from '../../support/systems/gateway.js';
import { startRecordingUpstream, type RecordingUpstream } from '../../support/servers/recording-upstream.js';

const FULL = 'hk_live_0123456789abcdef0123456789abcdef';
const READER = 'hk_live_fedcba9876543210fedcba9876543210';
const SLOW = 'hk_live_aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbb';
const FAR = 'hk_live_ccccccccccccccccdddddddddddddddd';
const GET_RUN = '/api/mlflow/api/2.0/mlflow/runs/get?run_id=x';
const MODEL = '/api/mlflow/api/2.0/mlflow/registered-models/get?name=x';

interface Reply {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

let auth: FakeAuthService;
let mlflow: RecordingUpstream;
let gateway: TestGateway;

const start = (env: Record<string, string> = {}): Promise<TestGateway> =>
  startTestGateway({
    MLFLOW_SERVER_URL: mlflow.url,
    HOKUSAI_AUTH_SERVICE_URL: auth.url,
    TRUSTED_PROXY_HOPS: '1',
    AUTHZ_TRUSTED_PEERS: '127.0.0.0/8',
    ...env,
  });

beforeAll(async () => {
  auth = await startFakeAuthService();
  auth.know(FULL, { valid: true, key_id: 'k1', user_id: 'ada lovelace' });
  auth.know(READER, { valid: true, key_id: 'k2', scopes: ['model:read'] });
  auth.know(SLOW, { valid: true, key_id: 'k3', burst: 1 });
  auth.know(FAR, { valid: true, key_id: 'k4', allowed_ips: ['203.0.113.0/24'] });
  mlflow = await startRecordingUpstream();
  gateway = await start();
});
afterAll(() => Promise.all([gateway?.close(), mlflow?.close(), auth?.close()]));

interface Question {
  method?: string;
  path?: string;
  /** Empty for none. */
  key?: string;
  headers?: readonly [string, string][];
  on?: TestGateway;
}

/** Sends headers as they are, also twice. */
function ask({
  method = 'GET',
  path = '/authz',
  key = FULL,
  headers = [],
  on = gateway,
}: Question): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const { hostname, port, host } = new URL(on.url);
    const all = [['host', host], ...(key ? [['authorization', `Bearer ${key}`]] : []), ...headers].flat();
    const sent = send({ hostname, port, method, path, headers: all as never }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
      );
    });
    sent.on('error', reject).end();
  });
}

const nginx = (method: string, uri: string): [string, string][] => [
  ['X-Original-Method', method],
  ['X-Original-URI', uri],
];
const traefik = (method: string, uri: string): [string, string][] => [
  ['X-Forwarded-Method', method],
  ['X-Forwarded-Uri', uri],
];

/** The same question in every form. */
const FORMS: readonly [string, (method: string, uri: string) => Question][] = [
  ['nginx', (method, uri) => ({ headers: nginx(method, uri) })],
  ['Traefik and Caddy', (method, uri) => ({ headers: traefik(method, uri) })],
  ['Envoy', (method, uri) => ({ method, path: `/authz${uri}` })],
];

describe.each(FORMS)('/authz as %s asks', (_, form) => {
  it('says yes with the identity of the key and its limits, and forwards nothing', async () => {
    const reply = await ask(form('GET', GET_RUN));
    expect(reply.status).toBe(200);
    expect(reply.body).toBe('');
    expect(reply.headers).toMatchObject({
      'x-hokusai-api-key-id': 'k1',
      'x-hokusai-user-id': 'ada%20lovelace',
      'cache-control': 'no-store',
      ratelimit: expect.stringContaining('"hour"') as string,
    });
    expect(mlflow.requests).toHaveLength(0);
  });

  it('refuses as the gateway would, in the body and in a header', async () => {
    const reply = await ask({ ...form('GET', GET_RUN), key: READER });
    expect(reply.status).toBe(403);
    expect(reply.headers['www-authenticate']).toContain('scope="experiment:read"');
    expect(JSON.parse(reply.body)).toMatchObject({ error_code: 'PERMISSION_DENIED' });
    expect(JSON.parse(String(reply.headers['x-hokusai-problem']))).toEqual(JSON.parse(reply.body));
    expect((await ask({ ...form('GET', MODEL), key: READER })).status).toBe(200);
    expect((await ask({ ...form('POST', GET_RUN.replace('get', 'create')), key: READER })).status).toBe(403);
    expect((await ask({ ...form('GET', GET_RUN), key: '' })).status).toBe(401);
    expect((await ask({ ...form('GET', GET_RUN), key: `${FULL}x` })).status).toBe(401);
  });

  it('judges the path that MLflow will see', async () => {
    const runs = '/api/mlflow//api%2F2.0/mlflow/%72uns/get';
    expect((await ask({ ...form('GET', runs), key: READER })).status).toBe(403);
    for (const uri of [
      '/api/mlflow/a/../b',
      '/api/mlflow/a/%2e%2e/b',
      '/api/mlflow/a%5cb',
      '/api/mlflow/%zz',
    ])
      expect([uri, (await ask(form('GET', uri))).status]).toEqual([uri, 400]);
    for (const uri of ['/x', '/metrics', '/whoami', '/authz', '/apix/mlflow/x', '/health/detailed'])
      expect([uri, (await ask(form('GET', uri))).status]).toEqual([uri, 404]);
  });

  it('counts against the limits of the key', async () => {
    const statuses: number[] = [];
    for (let i = 0; i < 3; i++) statuses.push((await ask({ ...form('GET', GET_RUN), key: SLOW })).status);
    expect(statuses).toContain(429);
  });

  it('takes the client from X-Forwarded-For, and not for the proxy', async () => {
    const from = (address: string): Promise<Reply> => {
      const { headers = [], ...rest } = form('GET', GET_RUN);
      return ask({ ...rest, key: FAR, headers: [...headers, ['X-Forwarded-For', address]] });
    };
    expect((await from('203.0.113.9')).status).toBe(200);
    expect((await from('192.0.2.1')).status).toBe(403);
    expect((await from('203.0.113.9, 192.0.2.1')).status).toBe(403);
  });

  it('a HEAD is judged as a GET, and OPTIONS as at the gateway', async () => {
    expect((await ask({ ...form('HEAD', GET_RUN), key: READER })).status).toBe(403);
    expect((await ask({ ...form('HEAD', MODEL), key: READER })).status).toBe(200);
    expect((await ask({ ...form('OPTIONS', GET_RUN), key: READER })).status).toBe(200);
  });
});

describe('/authz', () => {
  it('refuses a question that can be read in two ways', async () => {
    const twice: [string, string][] = [...nginx('GET', MODEL), ['X-Original-URI', GET_RUN]];
    const cases: Question[] = [
      { headers: twice },
      { headers: [...nginx('GET', MODEL), ...traefik('GET', GET_RUN)] },
      { headers: [...nginx('GET', MODEL), ['X-Forwarded-Uri', GET_RUN]] },
      { headers: nginx('GET', MODEL), path: `/authz${GET_RUN}` },
      { headers: [['X-Original-URI', MODEL]] },
      { headers: [['X-Original-Method', 'GET']] },
      { headers: nginx('get', MODEL) },
      { headers: nginx('CONNECT', MODEL) },
      { headers: nginx('', MODEL) },
      { headers: nginx('GET', '') },
      {},
      { path: '/authz?x=1' },
      { path: '/authz/' },
    ];
    for (const question of cases) {
      const { status, body } = await ask({ ...question, key: READER });
      expect([question, status]).toEqual([question, 400]);
      expect(JSON.parse(body)).toMatchObject({
        message: expect.stringContaining('X-Original-URI') as string,
      });
    }
    expect((await ask({ headers: nginx('GET', 'http://other/api/mlflow/version') })).status).toBe(400);
  });

  it('is told to trusted peers alone, and is not there where none is named', async () => {
    const others = await start({ AUTHZ_TRUSTED_PEERS: '10.0.0.0/8' });
    const none = await start({ AUTHZ_TRUSTED_PEERS: '' });
    try {
      const reply = await ask({
        headers: [...nginx('GET', GET_RUN), ['X-Forwarded-For', '10.0.0.1']],
        on: others,
      });
      expect(reply.status).toBe(403);
      expect(JSON.parse(reply.body)).toMatchObject({
        type: expect.stringMatching(/authz-peer-unknown$/) as string,
      });
      for (const path of ['/authz', `/authz${GET_RUN}`])
        expect(
          (await ask({ path, on: none, headers: path === '/authz' ? nginx('GET', GET_RUN) : [] })).status,
        ).toBe(404);
    } finally {
      await Promise.all([others.close(), none.close()]);
    }
  });

  it('stands in the log and in usage as the request that it was about', async () => {
    await ask({ headers: nginx('POST', '/api/mlflow/api/2.0/mlflow/runs/create') });
    expect(gateway.logs.of('request').at(-1)).toMatchObject({
      route: 'authz',
      method: 'POST',
      path: '/api/mlflow/api/2.0/mlflow/runs/create',
      key_id: 'k1',
      status: 200,
    });
  });

  it("answers faults that are not the client's with 503, never with yes", async () => {
    const key = 'hk_live_eeeeeeeeeeeeeeeeffffffffffffffff';
    auth.override((_request, response) => response.writeHead(500).end());
    try {
      const reply = await ask({ headers: nginx('GET', GET_RUN), key });
      expect(reply.status).toBe(503);
      expect(reply.headers['retry-after']).toMatch(/^\d+$/);
    } finally {
      auth.override();
    }
  });
});
