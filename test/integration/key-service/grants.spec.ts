import type { Grants } from '../../../src/contracts/access/grants.js';
import type {
  CreateKeyResponse,
  KeyResource,
  RotateKeyResponse,
} from '../../../src/contracts/keys/key-management.js';
import { eventually } from '../../support/lib/eventually.js';
import { freePort } from '../../support/programs/free-port.js';
import { startTestGateway, type TestGateway } from '../../support/systems/gateway.js';
import { ENGINES, startKeyDatabases, type KeyDatabases } from '../../support/servers/key-databases.js';
import {
  startTestKeyService,
  type Answered,
  type TestKeyService,
} from '../../support/systems/key-service.js';
import { startRecordingUpstream, type RecordingUpstream } from '../../support/servers/recording-upstream.js';

const GRANTS: Grants = {
  experiments: [
    { id: '12', level: 'write' },
    { name: 'team-a/*', level: 'manage' },
  ],
  models: [{ name: 'team-a-*', level: 'read' }],
};
const NARROW: Grants = { models: [{ name: 'team-a-x', level: 'read' }] };
const TOKEN = 'admin-token-of-a-gateway';

describe.each(ENGINES)('grants of keys on %s', (engine) => {
  let databases: KeyDatabases;
  let service: TestKeyService;
  let gateway: TestGateway;
  let mlflow: RecordingUpstream;

  beforeAll(async () => {
    databases = await startKeyDatabases(engine);
    const port = await freePort();
    service = await startTestKeyService({
      DATABASE_URL: await databases.next(),
      GATEWAY_ADMIN_TOKEN: TOKEN,
      GATEWAY_INVALIDATE_URLS: `http://127.0.0.1:${port}/internal/keys/invalidate`,
    });
    mlflow = await startRecordingUpstream();
    gateway = await startTestGateway({
      PORT: String(port),
      MLFLOW_SERVER_URL: mlflow.url,
      HOKUSAI_AUTH_SERVICE_URL: service.url,
      GATEWAY_ADMIN_TOKEN: TOKEN,
    });
  });

  afterAll(async () => {
    await gateway?.close();
    await service?.close();
    await mlflow?.close();
    await databases?.close();
  });

  const create = (fields: object): Promise<Answered<CreateKeyResponse>> =>
    service.call<CreateKeyResponse>('POST', '/keys', { name: 'g', service_id: 'ml-platform', ...fields });
  const created = async (fields: object): Promise<CreateKeyResponse> => (await create(fields)).body;
  const change = (id: string, fields: object): Promise<Answered<KeyResource>> =>
    service.call<KeyResource>('PATCH', `/keys/${id}`, fields);
  const facts = async (apiKey: string): Promise<Record<string, unknown>> =>
    (await service.call('POST', '/keys/validate', { api_key: apiKey }, {})).body;
  const ask = (apiKey: string): Promise<Response> =>
    fetch(`${gateway.url}/mlflow/api/2.0/mlflow/runs/get?run_id=x`, {
      headers: { authorization: `Bearer ${apiKey}` },
    });

  it('are kept, shown, told to gateways and passed on by a rotation, exactly as they were given', async () => {
    const key = await created({ grants: GRANTS });
    expect(key).toMatchObject({ grants: GRANTS, scopes: ['mlflow:manage', 'gateway:invoke'] });
    expect(await facts(key.api_key)).toMatchObject({ valid: true, grants: GRANTS });
    const { body } = await service.call<RotateKeyResponse>('POST', `/keys/${key.key_id}/rotate`, {});
    expect(await facts(body.api_key)).toMatchObject({ valid: true, grants: GRANTS });
  });

  it('are changed as a whole, taken away by null, and the audit log has both sides', async () => {
    const { key_id: id } = await created({ grants: GRANTS });
    expect((await change(id, { name: 'renamed' })).body.grants).toEqual(GRANTS);
    expect((await change(id, { grants: NARROW })).body.grants).toEqual(NARROW);
    expect((await change(id, { grants: {} })).body.grants).toEqual({});
    expect((await change(id, { grants: null })).body.grants).toBeNull();
    const audit = await service.call<{ entries: { action: string; key_id: string; details: object }[] }>(
      'GET',
      `/audit?key_id=${id}`,
    );
    expect(audit.body.entries.map(({ details }) => details)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ grants: GRANTS }),
        { grants: { from: GRANTS, to: NARROW } },
        { grants: { from: NARROW, to: {} } },
        { grants: { from: {}, to: null } },
      ]),
    );
  });

  it('are not taken beside mlflow:access, which an earlier gateway would open without them', async () => {
    const refused = await create({ grants: GRANTS, scopes: ['mlflow:access'] });
    expect(refused).toMatchObject({ status: 400, body: { errors: [{ field: 'grants' }] } });
    const full = await created({});
    expect((await change(full.key_id, { grants: GRANTS })).status).toBe(400);
    expect((await change(full.key_id, { grants: GRANTS, scopes: ['mlflow:write'] })).status).toBe(200);
    expect((await change(full.key_id, { scopes: ['mlflow:access'] })).status).toBe(400);
    expect((await facts(full.api_key))['scopes']).toEqual(['mlflow:write']);
  });

  it('may be as many and as long as they are said to be', async () => {
    const model = (name: string): object => ({ name, level: 'write' });
    const most = { models: Array.from({ length: 256 }, () => model('x'.repeat(96))) };
    expect(Buffer.byteLength(JSON.stringify(most))).toBeGreaterThan(31_000);
    const { status, body } = await create({ grants: most });
    expect(status).toBe(201);
    expect((await facts(body.api_key))['grants']).toEqual(most);
    expect((await change(body.key_id, { grants: most })).status).toBe(200);
    const long = { models: Array.from({ length: 42 }, () => model('実'.repeat(256))) };
    expect(await create({ grants: long })).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'grants' }] },
    });
  });

  it.each<[string, unknown]>([
    ['must be an object', []],
    ['dashboards is not one of', { dashboards: [] }],
    ['experiments[0] has an "id"', { experiments: [{ id: '02', level: 'read' }] }],
    ['models[0] has a "level"', { models: [{ name: 'a', level: 'all' }] }],
    ['more than 256', { models: Array(257).fill({ name: 'a', level: 'read' }) }],
  ])('are refused where they are not whole, and it says: %s', async (words, grants) => {
    const { status, body } = await create({ grants });
    expect(status).toBe(400);
    expect(JSON.stringify(body)).toContain(JSON.stringify(words).slice(1, -1));
  });

  it('narrow a key that was open before, on a gateway that knows it', async () => {
    const key = await created({ scopes: ['mlflow:write'] });
    expect((await ask(key.api_key)).status).toBe(200);
    await change(key.key_id, { grants: NARROW });
    mlflow.requests.length = 0;
    await eventually(async () => (await ask(key.api_key)).status === 403);
    const answer = await ask(key.api_key);
    expect(await answer.json()).toMatchObject({
      error_code: 'PERMISSION_DENIED',
      type: expect.stringContaining('-forbidden') as string,
    });
    mlflow.requests.length = 0;
    await ask(key.api_key);
    expect(mlflow.requests).toEqual([]);
  });
});
