import { request as send } from 'node:http';
import { startGrantSystem, type GrantSystem } from '../../support/systems/grant-system.js';
import { sharedMlflow } from '../../support/mlflow/mlflow-server.js';
import { makeMlflowWorld, type MlflowWorld } from '../../support/mlflow/mlflow-world.js';

const KEY = 'key-of-team-a-0123456789abcdef';
const FULL = 'key-of-all-0123456789abcdef';
const IN_ONE = 'key-of-workspace-0123456789abcdef';
const V2 = '/api/mlflow/api/2.0/mlflow';
const STORE = '/api/mlflow/api/2.0/mlflow-artifacts/artifacts';

interface Answer {
  readonly status: number;
  readonly problem: string | undefined;
}

describe('/authz for keys with grants', () => {
  let system: GrantSystem;
  let world: MlflowWorld;

  beforeAll(async () => {
    const { url } = await sharedMlflow();
    world = await makeMlflowWorld(url);
    system = await startGrantSystem(url, { TRUSTED_PROXY_HOPS: '1', AUTHZ_TRUSTED_PEERS: '127.0.0.1' });
    system.know(FULL, ['mlflow:access'], undefined);
    system.know(KEY, ['mlflow:manage'], { experiments: [{ id: world.A, level: 'write' }] });
    system.know(IN_ONE, ['mlflow:manage'], {
      experiments: [{ id: world.A, level: 'write' }],
      workspaces: ['team-a'],
    });
  }, 60_000);
  afterAll(() => system?.close());
  beforeEach(() => {
    system.forwarded();
  });

  /** @param body sent along, as Envoy and Traefik can */
  function ask(
    method: string,
    uri: string,
    { key = KEY, body, headers = {} }: { key?: string; body?: object; headers?: Record<string, string> } = {},
  ): Promise<Answer> {
    const { hostname, port } = new URL(system.gateway.url);
    const bytes = body && JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const sent = send(
        {
          hostname,
          port,
          path: '/authz',
          headers: {
            authorization: `Bearer ${key}`,
            'x-original-method': method,
            'x-original-uri': uri,
            ...(bytes && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(bytes) }),
            ...headers,
          },
        },
        (response) => {
          const header = response.headers['x-hokusai-problem'] as string | undefined;
          const { type } = (header === undefined ? {} : JSON.parse(header)) as { type?: string };
          response
            .resume()
            .on('end', () => resolve({ status: response.statusCode ?? 0, problem: type?.split('/').at(-1) }));
        },
      );
      sent.on('error', reject).end(bytes);
    });
  }
  const no = (status: number, problem: string): Answer => ({ status, problem });
  const yes: Answer = { status: 200, problem: undefined };

  it('decides by path, query and header alone what they say', async () => {
    const { A, B, rA, rB } = world;
    for (const [uri, expected] of [
      [`${V2}/runs/get?run_id=${rA}`, yes],
      [`${V2}/runs/get?run_id=${rB}`, no(403, 'resource-forbidden')],
      [`${V2}/runs/get?run_id=${rA}&run_id=${rB}`, no(400, 'ambiguous-request')],
      [`${STORE}/${A}/${rA}/artifacts/x.txt`, yes],
      [`${STORE}/${B}/${rB}/artifacts/x.txt`, no(403, 'resource-forbidden')],
      [`${STORE}/%2532/x`, no(400, 'ambiguous-request')],
    ] as const)
      expect([uri, await ask('GET', uri)]).toEqual([uri, expected]);
    expect(await ask('PUT', `${STORE}/${A}/${rA}/artifacts/y.txt`)).toEqual(yes);
    expect(await ask('PUT', `${STORE}/${B}/${rB}/artifacts/y.txt`)).toEqual(no(403, 'resource-forbidden'));
    expect(system.forwarded()).toEqual([]);
  });

  it('decides by the body where the proxy shows it, and not without', async () => {
    const { rA, rB } = world;
    const uri = `${V2}/runs/set-tag`;
    const body = (run: string): object => ({ run_id: run, key: 'k', value: 'v' });
    expect(await ask('POST', uri, { body: body(rA) })).toEqual(yes);
    expect(await ask('POST', uri, { body: body(rB) })).toEqual(no(403, 'resource-forbidden'));
    expect(await ask('POST', uri, { body: { ...body(rA), runId: rB } })).toEqual(
      no(400, 'ambiguous-request'),
    );
    expect(await ask('POST', uri)).toEqual(no(403, 'body-not-forwarded'));
    // Where a trace is stands in the path, and what is done to it in the body.
    expect(await ask('PATCH', `${V2}/traces/tr-1/tags`)).toEqual(no(403, 'body-not-forwarded'));
    expect(await ask('POST', uri, { key: FULL })).toEqual(yes);
  });

  it('refuses a GET or HEAD with a body that was kept back, because MLflow would read that', async () => {
    const uri = `${V2}/runs/get?run_id=${world.rA}`;
    const withheld: Record<string, string>[] = [
      { 'x-original-content-length': '40' },
      { 'x-original-transfer-encoding': 'chunked' },
    ];
    for (const headers of withheld)
      for (const method of ['GET', 'HEAD'])
        expect(await ask(method, uri, { headers })).toEqual(no(400, 'ambiguous-request'));
    expect(await ask('GET', uri, { headers: { 'x-original-content-length': '' } })).toEqual(yes);
  });

  it('refuses what only the gateway can narrow: searches, lists, and a workspace that is chosen for the client', async () => {
    const { A, B } = world;
    expect(await ask('GET', `${STORE}`)).toEqual(no(403, 'gateway-required'));
    expect(await ask('GET', `${V2}/experiments/search?max_results=5`)).toEqual(no(403, 'gateway-required'));
    expect(await ask('POST', `${V2}/runs/search`, { body: { experiment_ids: [A, B] } })).toEqual(
      no(403, 'gateway-required'),
    );
    const uri = `${V2}/experiments/get?experiment_id=${A}`;
    expect(await ask('GET', uri, { key: IN_ONE })).toEqual(no(403, 'gateway-required'));
    expect(await ask('GET', uri, { key: IN_ONE, headers: { 'x-mlflow-workspace': 'team-b' } })).toEqual(
      no(403, 'resource-forbidden'),
    );
    expect(await ask('GET', uri, { key: IN_ONE, headers: { 'x-mlflow-workspace': 'team-a' } })).toEqual(yes);
    expect(await ask('GET', `${V2}/experiments/search?max_results=5`, { key: FULL })).toEqual(yes);
  });
});
