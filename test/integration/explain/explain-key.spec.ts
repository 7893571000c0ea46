import type { ExplainKeyRequest, ExplainResponse } from '../../../src/contracts/keys/access-explain.js';
import type { StatedKeyFacts } from '../../../src/contracts/keys/key-facts.js';
import { startGrantSystem, type GrantSystem } from '../../support/systems/grant-system.js';
import { metricOf } from '../../support/lib/metrics.js';
import { sharedMlflow } from '../../support/mlflow/mlflow-server.js';
import { makeMlflowWorld, type MlflowWorld } from '../../support/mlflow/mlflow-world.js';

const ADMIN = 'an-admin-token-for-tests';
const KEY = 'key-of-team-a-0123456789abcdef';
const V2 = '/api/2.0/mlflow';

type Question = Omit<ExplainKeyRequest, 'key'> & { key: Partial<StatedKeyFacts> };

describe('POST /internal/keys/explain', () => {
  let system: GrantSystem;
  let world: MlflowWorld;
  beforeAll(async () => {
    const { url } = await sharedMlflow();
    world = await makeMlflowWorld(url);
    system = await startGrantSystem(url, { GATEWAY_ADMIN_TOKEN: ADMIN });
    system.know(KEY, ['mlflow:write'], { experiments: [{ id: world.A, level: 'write' }] });
  }, 60_000);
  afterAll(() => system?.close());
  beforeEach(() => {
    system.forwarded();
  });

  const post = (body: unknown, token = ADMIN): Promise<Response> =>
    fetch(`${system.gateway.url}/internal/keys/explain`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const explain = async (body: Question): Promise<ExplainResponse> => {
    const response = await post(body);
    expect(response.status).toBe(200);
    return (await response.json()) as ExplainResponse;
  };
  const ofA = (): Partial<StatedKeyFacts> => ({
    scopes: ['trace:read', 'mlflow:write'],
    grants: { experiments: [{ id: world.A, level: 'write' }] },
  });

  it('says what the key would hear that has these facts, and needs no key for it', async () => {
    const asked = system.auth.calls.length;
    const { rA, rB, B } = world;
    for (const { method, path, body } of [
      { method: 'GET', path: `${V2}/runs/get?run_id=${rB}` },
      { method: 'POST', path: `${V2}/runs/delete`, body: { run_id: rA } },
      { method: 'POST', path: `${V2}/runs/search`, body: { experiment_ids: [B] } },
      { method: 'GET', path: '/api/9.0/mlflow/nothing' },
    ]) {
      const { refusal } = await explain({ method, path, body, key: ofA() });
      const real = await system.ask(KEY, { method, path, body });
      expect([path, refusal?.status, refusal?.message]).toEqual([path, real.status, real.body['message']]);
    }
    expect(system.auth.calls.length).toBeLessThanOrEqual(asked + 1);
    expect(system.forwarded()).toEqual([]);
  });

  it('names the scopes and the grant that open it, and what a thing belongs to that none opens', async () => {
    const { A, B, rA, rB } = world;
    expect(await explain({ method: 'GET', path: `${V2}/runs/get?run_id=${rA}`, key: ofA() })).toMatchObject({
      decision: 'allowed',
      needed_scope: 'experiment:read',
      opened_by: ['mlflow:write'],
      findings: [{ id: rA, grant: { kind: 'experiment', value: A, level: 'write' } }],
      limits: [{ name: 'hour', remaining: null }, { name: 'burst' }],
    });
    expect(await explain({ method: 'GET', path: `${V2}/runs/get?run_id=${rB}`, key: ofA() })).toMatchObject({
      decision: 'refused',
      refusal: { problem: 'resource-forbidden' },
      findings: [{ id: rB, owners: [{ kind: 'experiment', id: B }], grant: null }],
    });
    expect(
      await explain({ method: 'GET', path: `${V2}/runs/get?run_id=${rA}`, key: { scopes: ['trace:read'] } }),
    ).toMatchObject({ refusal: { problem: 'insufficient-scope' }, opened_by: [] });
  });

  it('says of scopes that are enough only together, or each by itself, which they are', async () => {
    const opened = async (path: string, ...scopes: string[]): Promise<readonly string[]> =>
      (await explain({ method: 'POST', path, body: {}, key: { scopes } })).opened_by;
    const parts = ['experiment:read', 'artifact:read', 'model:read'];
    expect(await opened('/graphql', ...parts)).toEqual(parts);
    expect(await opened('/graphql', ...parts, 'mlflow:read')).toEqual(['mlflow:read']);
    expect(await opened(`${V2}/runs/create`, 'experiment:write', 'mlflow:access', 'trace:read')).toEqual([
      'experiment:write',
      'mlflow:access',
    ]);
  });

  it('tells administrators why a key as a whole is refused', async () => {
    const path = `${V2}/experiments/search?max_results=1`;
    const refusal = async (key: Partial<StatedKeyFacts>, client_ip?: string): Promise<unknown> => {
      const { refusal } = await explain({ method: 'GET', path, key, ...(client_ip && { client_ip }) });
      return refusal && [refusal.status, refusal.message];
    };
    expect(await refusal({})).toBeNull();
    expect(await refusal({ expires_at: '2020-01-01T00:00:00Z' })).toEqual([401, 'The key has expired.']);
    expect(await refusal({ service_ids: ['batch', 'notebooks'] })).toEqual([
      401,
      'The key is for batch, notebooks, and this gateway takes keys for ml-platform.',
    ]);
    const allowed_ips = ['10.0.0.0/8'];
    expect(await refusal({ allowed_ips }, '192.0.2.7')).toEqual([
      403,
      'The key may not be used from 192.0.2.7, only from 10.0.0.0/8.',
    ]);
    expect(await refusal({ allowed_ips }, '10.0.1.7')).toBeNull();
    expect(await refusal({ allowed_ips })).toBeNull();
  });

  it('takes an admin token alone, and names what is wrong with a question', async () => {
    const right = { method: 'GET', path: '/x', key: {} };
    for (const token of [KEY, 'another-admin-token-0123456789'])
      expect((await post(right, token)).status).toBe(401);
    for (const [body, field] of [
      [{ ...right, key: undefined }, 'key'],
      [{ ...right, key: { scopes: 'all' } }, 'key'],
      [{ ...right, client_ip: 'here' }, 'client_ip'],
      [{ ...right, as: { scopes: null, grants: null } }, 'as'],
      [{ ...right, path: 'x' }, 'path'],
    ] as const) {
      const response = await post(body);
      const { errors } = (await response.json()) as { errors?: { field: string }[] };
      expect([field, response.status, errors?.map((one) => one.field)]).toEqual([field, 400, [field]]);
    }
  });

  it('counts nothing, and leaves nothing of the question in the log', async () => {
    const refusals = (): Promise<number> => metricOf(system.gateway, 'access_refusals_total{reason="scope"}');
    const before = await refusals();
    const body = { secret: 'word-of-a-body' };
    const path = `${V2}/runs/create?word-of-a-query=1`;
    await explain({ method: 'POST', path, body, key: { scopes: [], key_id: 'word-of-a-key' } });
    expect(await refusals()).toBe(before);
    expect(system.gateway.logs.raw).not.toMatch(/word-of-a/);
  });
});
