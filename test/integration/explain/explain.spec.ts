import type { ExplainRequest, ExplainResponse } from '../../../src/contracts/keys/access-explain.js';
import { GatewayClient } from '../../../src/sdk/index.js';
import { startGrantSystem, type GrantSystem, type Reply } from '../../support/systems/grant-system.js';
import { hokusai } from '../../support/programs/hokusai.js';
import { metricOf } from '../../support/lib/metrics.js';
import { sharedMlflow } from '../../support/mlflow/mlflow-server.js';
import { makeMlflowWorld, type MlflowWorld } from '../../support/mlflow/mlflow-world.js';

const KEY = 'key-of-team-a-0123456789abcdef';
const FULL = 'key-of-all-0123456789abcdef';
const SCOPED = 'key-of-scope-0123456789abcdef';
const V2 = '/api/2.0/mlflow';

describe('POST /explain', () => {
  let system: GrantSystem;
  let world: MlflowWorld;

  beforeAll(async () => {
    const { url } = await sharedMlflow();
    world = await makeMlflowWorld(url);
    system = await startGrantSystem(url);
    system.know(FULL, ['mlflow:access'], undefined);
    system.know(SCOPED, ['model:read'], undefined);
    system.know(KEY, ['mlflow:write'], { experiments: [{ id: world.A, level: 'write' }] });
  }, 60_000);
  afterAll(() => system?.close());
  beforeEach(() => {
    system.forwarded();
  });

  const ask = (body: ExplainRequest | object, key = KEY): Promise<Reply> =>
    system.ask(key, { method: 'POST', path: '/explain', body });
  const explain = async (body: ExplainRequest, key = KEY): Promise<ExplainResponse> => {
    const reply = await ask(body, key);
    expect([reply.status, reply.text]).toEqual([200, expect.any(String)]);
    return reply.body as unknown as ExplainResponse;
  };

  it('names the route, the scope, each id with its place and owner, and the grant that opens it', async () => {
    const { A, rA } = world;
    expect(await explain({ method: 'GET', path: `${V2}/runs/get?run_id=${rA}` })).toEqual({
      decision: 'allowed',
      refusal: null,
      route: { method: 'GET', template: `${V2}/runs/get`, name: 'getRun', family: 'run', action: 'read' },
      needed_scope: 'experiment:read',
      opened_by: ['mlflow:write'],
      findings: [
        {
          kind: 'run',
          id: rA,
          at: 'query run_id',
          level: 'read',
          owners: [{ kind: 'experiment', id: A, name: null }],
          how: expect.stringMatching(/^(looked_up|cached)$/) as string,
          grant: { kind: 'experiment', by: 'id', value: A, level: 'write' },
        },
      ],
      forwarded: 'unchanged',
      limits: [expect.objectContaining({ name: 'hour' }), expect.objectContaining({ name: 'burst' })],
    });
    expect(system.forwarded()).toEqual([]);
  });

  it('says what the gateway would answer, and agrees with it', async () => {
    const { A, B, rA, rB } = world;
    const requests: ExplainRequest[] = [
      { method: 'GET', path: `${V2}/runs/get`, query: `run_id=${rB}` },
      { method: 'GET', path: `${V2}/runs/get?run_id=${rA}&run_id=${rB}` },
      { method: 'POST', path: `${V2}/runs/set-tag`, body: { run_id: rB, key: 'k', value: 'v' } },
      { method: 'POST', path: `${V2}/runs/set-tag`, body: '{"run_id":1}' },
      { method: 'POST', path: `${V2}/runs/delete`, body: { run_id: rA } },
      { method: 'GET', path: `/api/2.0/mlflow-artifacts/artifacts/%2532/x` },
      { method: 'GET', path: `/api/2.0/mlflow-artifacts/artifacts/${B}/x` },
      { method: 'GET', path: '/api/9.0/mlflow/nothing' },
      { method: 'POST', path: '/api/3.0/jobs/', body: {} },
      { method: 'POST', path: `${V2}/runs/search`, body: { experiment_ids: [B] } },
    ];
    for (const request of requests) {
      const explained = await explain(request);
      const path = request.query === undefined ? request.path : `${request.path}?${request.query}`;
      const body = request.body as object | string | undefined;
      const real = await system.ask(KEY, { method: request.method, path, body });
      expect([request, explained.refusal]).toEqual([
        request,
        {
          status: real.status,
          problem: String(real.body['type']).split('/').at(-1),
          message: real.body['message'],
        },
      ]);
    }
    expect(system.forwarded()).toEqual([]);
    const narrowed = await explain({
      method: 'POST',
      path: `${V2}/runs/search`,
      body: { experiment_ids: [A, B] },
    });
    expect(narrowed).toMatchObject({ decision: 'allowed', forwarded: 'restricted' });
  });

  it('tells a restricted key no more of what is foreign than the refusal does', async () => {
    const { rB } = world;
    const none = { owners: [], how: 'named', grant: null };
    for (const id of [rB, '0123456789abcdef0123456789abcdef'])
      for (let i = 0; i < 2; i++)
        expect((await explain({ method: 'GET', path: `${V2}/runs/get?run_id=${id}` })).findings).toEqual([
          expect.objectContaining({ id, ...none }),
        ]);
  });

  it('explains other scopes and grants to administrators, and to nobody else', async () => {
    const { B, rB } = world;
    const as = { scopes: ['mlflow:read'], grants: { experiments: [] } };
    const request = { method: 'GET', path: `${V2}/runs/get?run_id=${rB}`, as };
    const explained = await explain(request, FULL);
    expect(explained).toMatchObject({
      decision: 'refused',
      refusal: { status: 403, problem: 'resource-forbidden' },
      findings: [{ id: rB, owners: [{ kind: 'experiment', id: B }], grant: null }],
    });
    expect(await explain({ ...request, as: { scopes: ['trace:read'], grants: null } }, FULL)).toMatchObject({
      refusal: { problem: 'insufficient-scope' },
    });
    for (const key of [KEY, SCOPED]) {
      const reply = await ask(request, key);
      expect([reply.status, reply.body['message']]).toEqual([403, expect.stringContaining('admin')]);
    }
    expect(await explain({ method: 'GET', path: `${V2}/runs/get?run_id=${rB}` }, SCOPED)).toMatchObject({
      refusal: { problem: 'insufficient-scope' },
      needed_scope: 'experiment:read',
      opened_by: [],
      findings: [],
    });
  });

  it('takes paths with the mount and below it, and headers', async () => {
    const uri = `${V2}/runs/get?run_id=${world.rA}`;
    for (const path of [uri, `/api/mlflow${uri}`, `/mlflow${uri}`])
      expect((await explain({ method: 'GET', path })).decision).toBe('allowed');
    const body = { run_id: world.rA, key: 'k', value: 'v' };
    const headers = { 'Content-Type': 'text/plain' };
    expect(await explain({ method: 'POST', path: `${V2}/runs/set-tag`, headers, body })).toMatchObject({
      refusal: { status: 400, problem: 'ambiguous-request' },
    });
  });

  it('names every wrong member of a question', async () => {
    const fields = async (body: object): Promise<unknown> =>
      ((await ask(body)).body['errors'] as { field: string }[] | undefined)?.map(({ field }) => field);
    expect(await fields({})).toEqual(['method', 'path']);
    expect(await fields({ method: 'get', path: 'x', headers: [], more: 1 })).toEqual([
      'method',
      'path',
      'headers',
      'more',
    ]);
    expect(await fields({ method: 'GET', path: '/x?a', query: 'b' })).toEqual(['query']);
    expect(await fields({ method: 'GET', path: '/x', as: { scopes: 'a', grants: { x: [] } } })).toEqual([
      'as.scopes',
      'as.grants.x',
    ]);
    for (const body of ['[]', 'x', ''])
      expect((await system.ask(KEY, { method: 'POST', path: '/explain', body })).status).toBe(400);
    expect((await ask({ method: 'GET', path: '/a/../b' })).status).toBe(400);
  });

  it('counts no refusal, and the question itself against the limits', async () => {
    const refusals = (): Promise<number> => metricOf(system.gateway, 'access_refusals_total{reason="scope"}');
    const before = await refusals();
    const left = async (): Promise<number> =>
      (await explain({ method: 'POST', path: `${V2}/webhooks`, body: {} })).limits[0]?.remaining as number;
    const first = await left();
    expect(await left()).toBe(first - 1);
    expect(await refusals()).toBe(before);
  });

  it('is a method of the SDK and a command, whose exit code says the decision', async () => {
    const trackingUri = `${system.gateway.url}/api/mlflow`;
    const client = new GatewayClient({ apiKey: KEY, trackingUri, env: {} });
    const path = `${V2}/runs/get?run_id=${world.rA}`;
    expect((await client.explain({ method: 'GET', path })).decision).toBe('allowed');
    const env = { HOKUSAI_API_KEY: KEY, MLFLOW_TRACKING_URI: trackingUri };
    const allowed = await hokusai(['auth', 'explain', 'get', path], { env });
    expect(allowed.code).toBe(0);
    expect(allowed.stdout).toMatch(/Decision: +allowed/);
    expect(allowed.stdout).toContain(`by the grant experiment ${world.A}:write`);
    const body = JSON.stringify({ run_id: world.rB, key: 'k', value: 'v' });
    const refused = await hokusai(['auth', 'explain', 'POST', `${V2}/runs/set-tag`, '--body', body], { env });
    expect([refused.code, refused.stdout]).toEqual([
      3,
      expect.stringContaining('refused (403, resource-forbidden)'),
    ]);
    expect(refused.stdout).toContain('no grant opens it');
    expect((await hokusai(['auth', 'explain', 'POST', '/x', '--body', '{'], { env })).code).toBe(2);
  });
});
