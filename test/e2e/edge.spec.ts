import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { request as send } from 'node:http';
import { join } from 'node:path';
import { eventually } from '../support/lib/eventually.js';
import { startFakeAuthService, type FakeAuthService } from '../support/servers/fake-auth-service.js';
import { freePort } from '../support/programs/free-port.js';
import { startTestGateway, type TestGateway } from '../support/systems/gateway.js';
import { otlpBody } from '../support/mlflow/otlp-body.js';
import { startRecordingUpstream, type RecordingUpstream } from '../support/servers/recording-upstream.js';
import { tempDir, type TempDir } from '../support/lib/temp-dir.js';

const ROOT = join(import.meta.dirname, '../..');
const EDGE = join(ROOT, 'deploy/edge/authz');
const FULL = 'hk_live_0123456789abcdef0123456789abcdef';
const READER = 'hk_live_fedcba9876543210fedcba9876543210';
const GRANTED = 'hk_live_aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbb';
const IN_WORKSPACE = 'hk_live_eeeeeeeeeeeeeeeeffffffffffffffff';
const REVOKED = 'hk_live_ccccccccccccccccdddddddddddddddd';
const ADMIN = 'admin-token-of-this-test';
const V2 = '/api/2.0/mlflow';

interface Edge {
  readonly name: string;
  /** Command, and its arguments in a folder that holds the files, with their addresses set. */
  readonly program: string;
  readonly files: readonly string[];
  readonly args: (folder: string) => readonly string[];
  /** Whether the gateway sees bodies. */
  readonly showsBodies: boolean;
}

const fromVenv = (name: string): string => join(ROOT, '.cache/edge-venv/bin', name);

const EDGES: readonly Edge[] = [
  {
    name: 'nginx',
    program: 'nginx',
    files: ['nginx.conf'],
    args: (folder) => ['-c', join(folder, 'main.conf'), '-e', join(folder, 'error.log')],
    showsBodies: false,
  },
  {
    name: 'HAProxy',
    program: 'haproxy',
    files: ['haproxy.cfg', 'authz.lua'],
    args: (folder) => ['-f', join(folder, 'haproxy.cfg'), '-db'],
    showsBodies: false,
  },
  {
    name: 'Envoy',
    program: fromVenv('envoy'),
    files: ['envoy.yaml'],
    args: (folder) => [
      '-c',
      join(folder, 'envoy.yaml'),
      '--log-level',
      'error',
      '--concurrency',
      '1',
      '--disable-hot-restart',
    ],
    showsBodies: true,
  },
  {
    name: 'Traefik',
    program: fromVenv('traefik'),
    files: ['traefik.yml', 'traefik-routes.yml'],
    args: (folder) => [`--configFile=${join(folder, 'traefik.yml')}`],
    showsBodies: true,
  },
  {
    name: 'Caddy',
    program: fromVenv('caddy'),
    files: ['Caddyfile'],
    args: (folder) => ['run', '--adapter', 'caddyfile', '--config', join(folder, 'Caddyfile')],
    showsBodies: false,
  },
];

const isThere = ({ program }: Edge): boolean =>
  program.startsWith('/') ? existsSync(program) : spawnSync(program, ['-v']).error === undefined;
// In CI none is left out.
const tested = process.env['CI'] ? EDGES : EDGES.filter(isThere);

const HEX = '0123456789abcdef0123456789abcdef';
const SEPARATORS = ['|', ' ', '\t', ',', ';', ':', '/'];

/** What the gateway judges: decoded once, slashes collapsed. */
const judged = (path: string | undefined): string => decodeURIComponent(path ?? '').replace(/\/{2,}/g, '/');

type Headers = Record<string, string | string[]>;
interface Reply {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly text: string;
}

describe.each(tested)('MLflow behind $name, with decisions of the gateway', (edge) => {
  let dir: TempDir;
  let auth: FakeAuthService;
  let mlflow: RecordingUpstream;
  let gateway: TestGateway;
  let proxy: ChildProcess;
  let port: number;

  beforeAll(async () => {
    dir = await tempDir('edge');
    [auth, mlflow] = await Promise.all([startFakeAuthService(), startRecordingUpstream()]);
    auth.know(FULL, { valid: true, key_id: 'k1', user_id: 'ada lovelace' });
    auth.know(READER, { valid: true, key_id: 'k2', scopes: ['model:read'] });
    auth.know(REVOKED, { valid: true, key_id: 'k4' });
    auth.know(GRANTED, {
      valid: true,
      key_id: 'k3',
      scopes: ['mlflow:write', 'gateway:invoke'],
      grants: {
        experiments: [{ id: '1', level: 'write' }],
        endpoints: [{ name: 'gpt', level: 'invoke' }],
      },
    });
    auth.know(IN_WORKSPACE, {
      valid: true,
      key_id: 'k5',
      scopes: ['mlflow:write'],
      grants: { experiments: [{ id: '1', level: 'write' }], workspaces: ['own'] },
    });
    gateway = await startTestGateway({
      MLFLOW_SERVER_URL: mlflow.url,
      HOKUSAI_AUTH_SERVICE_URL: auth.url,
      TRUSTED_PROXY_HOPS: '1',
      GATEWAY_ADMIN_TOKEN: ADMIN,
      AUTHZ_TRUSTED_PEERS: '127.0.0.0/8',
    });
    port = await freePort();
    await configure();
    proxy = spawn(edge.program, edge.args(dir.path), { stdio: 'ignore' });
    const answers = async (mount: string): Promise<boolean> =>
      (await ask(`${mount}/version`, { key: '' })).status === 401;
    await eventually(async () => (await answers('/mlflow')) && (await answers('/api/mlflow')), {
      what: edge.name,
      timeoutMs: 30_000,
    });
  }, 60_000);
  afterAll(async () => {
    if (proxy?.exitCode === null) {
      proxy.kill();
      await once(proxy, 'close');
    }
    await Promise.all([gateway?.close(), mlflow?.close(), auth?.close()]);
    await dir?.remove();
  });
  beforeEach(() => (mlflow.requests.length = 0));

  /** The files as they are shipped, with the addresses of this test. */
  async function configure(): Promise<void> {
    for (const file of edge.files) {
      const text = (await readFile(join(EDGE, file), 'utf8'))
        .replaceAll('127.0.0.1:8001', new URL(gateway.url).host)
        .replaceAll('port_value: 8001', `port_value: ${new URL(gateway.url).port}`)
        .replaceAll('127.0.0.1:5000', new URL(mlflow.url).host)
        .replaceAll('port_value: 5000', `port_value: ${new URL(mlflow.url).port}`)
        .replace('listen 8080;', `listen 127.0.0.1:${port};`)
        .replaceAll('127.0.0.1:8080', `127.0.0.1:${port}`)
        .replace('http://:8080', `http://:${port}`)
        .replace('port_value: 8080', `port_value: ${port}`)
        .replaceAll('/dev/shm/nginx-authz', join(dir.path, 'authz'))
        .replaceAll('/etc/haproxy/', `${dir.path}/`)
        .replaceAll('/etc/traefik/', `${dir.path}/`);
      await writeFile(join(dir.path, file), text);
    }
    if (edge.name !== 'nginx') return;
    await mkdir(join(dir.path, 'temp'));
    const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (n) => `${n}_temp_path ${dir.path}/temp;`,
    );
    const user = process.getuid?.() === 0 ? 'user root;\n' : '';
    await writeFile(
      join(dir.path, 'main.conf'),
      `daemon off;\n${user}pid ${dir.path}/nginx.pid;\nevents {}\nhttp {\naccess_log off;\n${temp.join('\n')}\ninclude ${dir.path}/nginx.conf;\n}\n`,
    );
  }

  /** Sends a path as it is written. */
  function ask(
    path: string,
    { method = 'GET', key = FULL, body = undefined as string | Buffer | undefined, headers = {} } = {},
  ): Promise<Reply> {
    return new Promise((resolve) => {
      const sent = send(
        {
          port,
          host: '127.0.0.1',
          agent: false,
          method,
          path,
          headers: {
            ...(key && { authorization: `Bearer ${key}` }),
            ...(body !== undefined && {
              'content-type': path.includes('artifacts') ? 'application/octet-stream' : 'application/json',
              'content-length': Buffer.byteLength(body),
            }),
            ...headers,
          },
        },
        (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
          );
        },
      );
      sent.on('error', () => resolve({ status: 0, headers: {}, text: '' }));
      sent.end(body);
    });
  }

  it('forwards what is allowed: the path below the mount, byte for byte, without the key', async () => {
    for (const mount of ['/api/mlflow', '/mlflow']) {
      const uri = `${V2}/registered-models/get?name=a%2Fb%20c`;
      expect((await ask(mount + uri)).status).toBe(200);
      const [request] = mlflow.requests.splice(0);
      expect(request?.url).toBe(uri);
      expect(request?.headers).toMatchObject({
        host: new URL(mlflow.url).host,
        'x-hokusai-api-key-id': 'k1',
        'x-hokusai-user-id': 'ada%20lovelace',
      });
      expect(request?.rawHeaders.join('\n')).not.toContain(FULL);
    }
  });

  it("gives the client the gateway's refusal, and MLflow nothing", async () => {
    const without = await ask(`/api/mlflow${V2}/runs/get?run_id=x`, { key: '' });
    expect([without.status, JSON.parse(without.text)]).toMatchObject([
      401,
      { error_code: 'UNAUTHENTICATED' },
    ]);
    expect(without.headers['www-authenticate']).toContain('mlflow');
    const refused = await ask(`/api/mlflow${V2}/runs/get?run_id=x`, { key: READER });
    expect([refused.status, JSON.parse(refused.text)]).toMatchObject([
      403,
      { error_code: 'PERMISSION_DENIED', message: expect.stringContaining('experiment:read') as string },
    ]);
    const unknown = await ask(`/api/mlflow/api/9.0/mlflow/new`, { key: READER });
    expect([unknown.status, JSON.parse(unknown.text)]).toMatchObject([
      404,
      { error_code: 'ENDPOINT_NOT_FOUND' },
    ]);
    expect(mlflow.requests).toHaveLength(0);
  });

  it('forwards no other path than was judged, however it is spelled', async () => {
    const store = '/api/2.0/mlflow-artifacts/artifacts';
    const paths = [
      '1//x',
      '1/%2e%2e/x',
      '1/../x',
      '1/%252e/x',
      '1/./x',
      '1;a/x',
      '1%3Ba/x',
      '1%5cx',
      '1%2fx',
      '%32/x',
      '1/a%20b',
      '1/é',
    ];
    for (const path of paths) {
      const raw = encodeURI(`${store}/${path}`).replaceAll('%25', '%');
      const { status } = await ask(`/api/mlflow${raw}`);
      const forwarded = mlflow.requests.splice(0).map(({ url }) => url);
      expect([path, forwarded.map(judged)]).toEqual([path, status < 300 ? [judged(raw)] : []]);
    }
  });

  it('streams files', async () => {
    const body = 'x'.repeat(6_000_000);
    const path = '/api/2.0/mlflow-artifacts/artifacts/1/r/artifacts/big.bin';
    expect((await ask(`/api/mlflow${path}`, { method: 'PUT', body })).status).toBe(200);
    expect(mlflow.requests[0]?.url).toBe(path);
    expect(mlflow.requests[0]?.body.length).toBe(body.length);
  });

  it('decides by grants as far as it shows what a request is about', async () => {
    const get = (id: string): Promise<Reply> =>
      ask(`/mlflow${V2}/experiments/get?experiment_id=${id}`, { key: GRANTED });
    expect((await get('1')).status).toBe(200);
    expect((await get('2')).status).toBe(403);
    const tag = (id: string): Promise<Reply> =>
      ask(`/mlflow${V2}/experiments/set-experiment-tag`, {
        method: 'POST',
        key: GRANTED,
        body: JSON.stringify({ experiment_id: id, key: 'k', value: 'v' }),
      });
    mlflow.requests.length = 0;
    expect((await tag('2')).status).toBe(403);
    expect(mlflow.requests).toHaveLength(0);
    const own = await tag('1');
    expect(own.status).toBe(edge.showsBodies ? 200 : 403);
    if (edge.showsBodies)
      expect(JSON.parse(mlflow.requests[0]?.body.toString() ?? '')).toMatchObject({ experiment_id: '1' });
    else expect(own.text).toContain('body');
  });

  it('decides by every header that says what a request is about, also right after one without it', async () => {
    const invoke = (headers: Record<string, string>): Promise<Reply> =>
      ask('/mlflow/gateway/gpt/mlflow/invocations', { method: 'POST', key: GRANTED, headers });
    const spans = (headers: Record<string, string>): Promise<Reply> =>
      ask('/mlflow/v1/traces', {
        method: 'POST',
        key: GRANTED,
        body: otlpBody({ traceId: HEX, spanId: HEX.slice(16) }),
        headers: { 'content-type': 'application/x-protobuf', 'x-mlflow-experiment-id': '1', ...headers },
      });
    expect((await invoke({})).status).toBe(200);
    mlflow.requests.length = 0;
    // What they belong to would have to be looked up, and nobody answers.
    expect((await invoke({ traceparent: `00-${HEX}-${HEX.slice(16)}-01` })).status).not.toBe(200);
    expect((await spans({ 'x-mlflow-run-id': HEX })).status).not.toBe(200);
    expect((await spans({ 'x-mlflow-experiment-id': '2' })).status).not.toBe(200);
    expect(mlflow.requests.filter(({ method }) => method === 'POST')).toEqual([]);
  });

  it('names MLflow no workspace but those that are granted', async () => {
    const path = `/mlflow${V2}/experiments/get?experiment_id=1`;
    // The second of each pair would be answered like the first by a cache that takes the values for one text.
    const asked: Headers[] = [
      {},
      { 'x-mlflow-workspace': 'other' },
      { x_mlflow_workspace: 'other' },
      ...SEPARATORS.flatMap((separator): Headers[] => [
        { 'sec-fetch-site': `none${separator}other` },
        { 'sec-fetch-site': 'none', 'x-mlflow-workspace': 'other', 'x-mlflow-experiment-id': separator },
      ]),
    ];
    const named = (): string[] =>
      mlflow.requests
        .splice(0)
        .flatMap(({ rawHeaders }) =>
          rawHeaders.filter((_, index) => /^x.mlflow.workspace$/i.test(rawHeaders[index - 1] ?? '')),
        );
    for (const headers of asked) await ask(path, { key: GRANTED, headers });
    expect(mlflow.requests.length).toBeGreaterThan(0);
    expect(named()).toEqual([]);
    for (const workspace of ['own', ['own', 'other'], ['other', 'own']])
      await ask(path, { key: IN_WORKSPACE, headers: { 'x-mlflow-workspace': workspace } });
    expect(new Set(named())).toEqual(new Set(['own']));
  });

  it('refuses a revoked key within two seconds', async () => {
    const path = `/api/mlflow${V2}/runs/get?run_id=revoked`;
    expect((await ask(path, { key: REVOKED })).status).toBe(200);
    auth.forget(REVOKED);
    const headers = { authorization: `Bearer ${ADMIN}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ key_id: 'k4' });
    expect(
      (await fetch(`${gateway.url}/internal/keys/invalidate`, { method: 'POST', headers, body })).status,
    ).toBe(202);
    await eventually(async () => (await ask(path, { key: REVOKED })).status === 401, { timeoutMs: 2000 });
  });

  it('forwards nothing while the gateway is down', async () => {
    await gateway.close();
    const { status } = await ask(`/api/mlflow${V2}/runs/get?run_id=away`);
    expect([0, 500, 502, 503, 504]).toContain(status);
    expect(mlflow.requests).toHaveLength(0);
  });
});
