import { createHmac } from 'node:crypto';
import type { AuditResponse } from '../../../src/contracts/admin/audit.js';
import type { CreateKeyResponse, RotateKeyResponse } from '../../../src/contracts/keys/key-management.js';
import { RotationPlanner } from '../../../src/key-service/rotation/rotation-planner.js';
import { ENGINES, startKeyDatabases, type KeyDatabases } from '../../support/servers/key-databases.js';
import { startTestKeyService } from '../../support/systems/key-service.js';
import { metricOf } from '../../support/lib/metrics.js';
import {
  sendJson,
  startRecordingUpstream,
  type RecordingUpstream,
} from '../../support/servers/recording-upstream.js';
import {
  DAY_MS,
  messagesOf,
  startRotationService,
  webhookEnv,
  WEBHOOK_SECRET,
  type RotationService,
} from './rotation-service.js';

describe.each(ENGINES)('automatic rotation on %s', (engine) => {
  let databases: KeyDatabases;
  let databaseUrl: string;
  let receiver: RecordingUpstream;
  let service: RotationService;
  let status = 204;

  beforeAll(async () => {
    databases = await startKeyDatabases(engine);
    receiver = await startRecordingUpstream();
  });
  beforeEach(async () => {
    receiver.requests.length = 0;
    receiver.answer((_request, response) => sendJson(response, status, {}));
    status = 204;
    databaseUrl = await databases.next();
    service = await start();
  });
  afterEach(() => service.close());
  afterAll(() => Promise.all([receiver?.close(), databases?.close()]));

  const start = (clock?: RotationService['clock']): Promise<RotationService> =>
    startRotationService({ DATABASE_URL: databaseUrl, ...webhookEnv(receiver) }, clock);

  /** A key that is due, and a policy that hands its successor over. */
  const dueKey = async (
    fields: object = {},
    terms: object = {},
  ): Promise<{ key: CreateKeyResponse; policyId: string }> => {
    const key = await service.createKey(fields);
    const { body } = await service.createPolicy({
      ...{ environment: 'production', max_age_days: 30, delivery: 'webhook' },
      ...terms,
    });
    service.clock.advance(29 * DAY_MS);
    return { key, policyId: body.policy_id };
  };
  const actions = async (keyId: string): Promise<string[]> =>
    (await service.call<AuditResponse>('GET', `/audit?key_id=${keyId}`)).body.entries.map(
      ({ action, actor }) => `${actor} ${action}`,
    );

  it('hands the successor over one overlap before the longest age; the old key ends with that age', async () => {
    const limits = { burst: 7, allowed_ips: ['127.0.0.1'], scopes: ['mlflow:read'], user_id: 'ana' };
    const { key, policyId } = await dueKey(limits);
    service.clock.advance(-1);
    await service.turn();
    expect(receiver.requests).toEqual([]);
    service.clock.advance(1);
    await service.turn();
    await service.turn();
    const [message, ...others] = messagesOf(receiver);
    expect(others).toEqual([]);
    expect(message).toMatchObject({
      type: 'key.rotated',
      timestamp: '2026-01-30T00:00:00.000Z',
      data: {
        ...{ policy_id: policyId, old_key_id: key.key_id, first_key_id: key.key_id, name: 'job' },
        ...{ user_id: 'ana', environment: 'production', expires_at: null, overlap_seconds: 86_400 },
      },
    });
    const { api_key: apiKey = '', key_id: successorId = '' } = message?.data ?? {};
    expect(await service.key(successorId)).toMatchObject({ ...limits, rotated_from_id: key.key_id });
    expect(await service.key(key.key_id)).toMatchObject({
      rotated_to_id: successorId,
      expires_at: '2026-01-31T00:00:00.000Z',
    });
    expect([await service.isValid(key.api_key), await service.isValid(apiKey)]).toEqual([true, true]);
    service.clock.advance(DAY_MS);
    expect([await service.isValid(key.api_key), await service.isValid(apiKey)]).toEqual([false, true]);
    expect(await actions(key.key_id)).toContain('system key.rotated');
    expect(await actions(successorId)).toContain('system key.created');
    expect((await service.call('GET', '/audit/verify')).body).toMatchObject({ valid: true });
    expect(service.logs.of('key_rotation_delivered')).toMatchObject([{ key_id: key.key_id, attempts: 1 }]);
    const series = 'key_rotation_deliveries_total{delivery="webhook",outcome="delivered"}';
    expect(await metricOf(service, series)).toBe(1);
  });

  it('is signed as warnings are', async () => {
    await dueKey();
    await service.turn();
    const { headers, body } = receiver.requests[0] ?? {};
    const signed = `${String(headers?.['webhook-id'])}.${String(headers?.['webhook-timestamp'])}.${String(body)}`;
    const signature = createHmac('sha256', WEBHOOK_SECRET).update(signed).digest('base64');
    expect(headers?.['webhook-signature']).toBe(`v1,${signature}`);
  });

  it('goes on from successor to successor, also where the policy is for one key, and keeps its end', async () => {
    const key = await service.createKey({ expires_in_days: 100 });
    await service.createPolicy({ key_id: key.key_id, max_age_days: 30, delivery: 'webhook' });
    for (let day = 0; day < 110; day++) {
      await service.turn();
      const latest = messagesOf(receiver).at(-1)?.data.key_id ?? key.key_id;
      expect((await service.policies())[0]?.key_id).toBe(latest);
      service.clock.advance(DAY_MS);
    }
    const messages = messagesOf(receiver);
    expect(messages.map(({ timestamp }) => timestamp.slice(0, 10))).toEqual([
      ...['2026-01-30', '2026-02-28', '2026-03-29'],
    ]);
    expect(messages.map(({ data }) => [data.first_key_id, data.expires_at])).toEqual(
      messages.map(() => [key.key_id, key.expires_at]),
    );
  });

  it('a receiver that fails leaves the old key as it is, is counted, and gets the same key under the same id', async () => {
    const { key } = await dueKey();
    status = 500;
    const failing = (): Promise<number> => metricOf(service, 'key_rotations_failing');
    expect(await failing()).toBe(0);
    for (let hour = 0; hour < 60; hour++) {
      await service.turn();
      service.clock.advance(DAY_MS / 24);
    }
    expect(await service.isValid(key.api_key)).toBe(true);
    expect(await service.key(key.key_id)).toMatchObject({ expires_at: null, rotated_to_id: null });
    expect(await failing()).toBe(1);
    expect(await metricOf(service, 'key_rotations_pending')).toBe(1);
    const { deliveries, total } = await service.deliveries();
    expect({ deliveries, total }).toMatchObject({
      deliveries: [{ key_id: key.key_id, attempts: 60, last_error: 'Error: the webhook answered 500' }],
      total: 1,
    });
    expect(service.logs.of('key_rotation_not_delivered')[0]).toMatchObject({
      ...{ level: 'error', key_id: key.key_id, attempts: 1, error: 'Error: the webhook answered 500' },
    });
    status = 200;
    await service.turn();
    const messages = messagesOf(receiver);
    expect(new Set(messages.map(({ id, data }) => `${id} ${data.api_key}`)).size).toBe(1);
    expect(messages).toHaveLength(61);
    expect([await failing(), (await service.deliveries()).total]).toEqual([0, 0]);
    // The overlap begins when the key was taken, however late that is.
    expect((await service.key(key.key_id)).expires_at).toBe(
      new Date(service.clock.now() + DAY_MS).toISOString(),
    );
    expect(await service.isValid(messages[0]?.data.api_key ?? '')).toBe(true);
    expect(service.logs.raw).not.toContain(messages[0]?.data.api_key.slice(12));
  });

  it('a policy that is corrected is tried at once; one that is removed leaves the old key and no successor', async () => {
    const { key, policyId } = await dueKey();
    status = 500;
    for (let again = 0; again < 9; again++) {
      await service.turn();
      service.clock.advance(1_800_000);
    }
    await service.turn();
    const before = receiver.requests.length;
    await service.turn();
    expect(receiver.requests).toHaveLength(before);
    await service.call('PATCH', `/rotation-policies/${policyId}`, { overlap_seconds: 60 });
    await service.turn();
    expect(receiver.requests).toHaveLength(before + 1);
    await service.call('DELETE', `/rotation-policies/${policyId}`);
    await service.turn();
    const { data } = messagesOf(receiver)[0] ?? {};
    expect(await service.key(data?.key_id ?? '')).toMatchObject({
      ...{ is_active: false, revoked_by: 'system' },
      revoke_reason: 'not handed over: its policy no longer hands keys over',
    });
    expect(await service.isValid(key.api_key)).toBe(true);
    expect(service.logs.of('key_rotation_cancelled')).toMatchObject([{ key_id: key.key_id }]);
    expect((await service.deliveries()).total).toBe(0);
  });

  it('a policy that is removed while the receiver has the successor lets it be taken', async () => {
    const { key, policyId } = await dueKey();
    const held = new Promise<() => void>((resolve) =>
      receiver.answer((_request, response) => resolve(() => sendJson(response, 200, {}))),
    );
    const turn = service.turn();
    const answer = await held;
    await service.call('DELETE', `/rotation-policies/${policyId}`);
    await service.app.get(RotationPlanner, { strict: false }).look();
    const { data } = messagesOf(receiver)[0] ?? {};
    expect(await service.key(data?.key_id ?? '')).toMatchObject({ is_active: true });
    answer();
    await turn;
    expect(await service.key(key.key_id)).toMatchObject({ rotated_to_id: data?.key_id });
    expect(await service.isValid(data?.api_key ?? '')).toBe(true);
  });

  it('a receiver that does not answer holds up no end of the service, and gets it from the next one', async () => {
    await dueKey();
    const held = new Promise<void>((resolve) => receiver.answer(() => resolve()));
    void service.turn();
    await held;
    await service.close();
    expect(service.logs.of('key_rotation_not_delivered')).toMatchObject([
      { error: 'Error: the key service stops' },
    ]);
    expect(service.logs.of('shutdown_failed')).toEqual([]);
    receiver.answer((_request, response) => sendJson(response, 200, {}));
    service.clock.advance(60_000);
    service = await start(service.clock);
    expect(new Set(messagesOf(receiver).map(({ id }) => id)).size).toBe(1);
    expect((await service.deliveries()).total).toBe(0);
  });

  it('a key that is revoked takes the successor with it that nobody has, and it is never handed over', async () => {
    const { key } = await dueKey({ user_id: 'ana' });
    status = 500;
    await service.turn();
    const { data } = messagesOf(receiver)[0] ?? {};
    const { body } = await service.call('POST', '/keys/revoke', { user_id: 'ana' });
    expect((body['revoked'] as string[]).sort()).toEqual([key.key_id, data?.key_id].sort());
    status = 200;
    service.clock.advance(DAY_MS);
    await service.turn();
    expect(receiver.requests).toHaveLength(1);
    expect(await service.isValid(data?.api_key ?? '')).toBe(false);
  });

  it('a single key that is revoked takes it along in the same moment', async () => {
    const { key } = await dueKey();
    status = 500;
    await service.turn();
    const { data } = messagesOf(receiver)[0] ?? {};
    await service.call('DELETE', `/keys/${key.key_id}`);
    expect(await service.isValid(data?.api_key ?? '')).toBe(false);
    expect(await service.key(data?.key_id ?? '')).toMatchObject({
      revoke_reason: 'the key that it was to replace was revoked',
    });
  });

  it('a successor that nobody takes for longer than the longest age gets none itself', async () => {
    const { key } = await dueKey();
    status = 500;
    for (let day = 0; day < 40; day++) {
      await service.turn();
      service.clock.advance(DAY_MS);
    }
    expect(new Set(messagesOf(receiver).map(({ data }) => data.key_id)).size).toBe(1);
    expect((await service.deliveries()).total).toBe(1);
    expect(await service.isValid(key.api_key)).toBe(true);
  });

  it('an edit of a key changes the successor too that is on its way', async () => {
    const { key } = await dueKey({ scopes: ['model:read', 'model:write'], expires_in_days: 300 });
    status = 500;
    await service.turn();
    const successorId = messagesOf(receiver)[0]?.data.key_id ?? '';
    const end = new Date(service.clock.now() + 50 * DAY_MS).toISOString();
    await service.call('PATCH', `/keys/${key.key_id}`, { scopes: ['model:read'], expires_at: end });
    expect(await service.key(successorId)).toMatchObject({ scopes: ['model:read'], expires_at: end });
    expect(await actions(successorId)).toContainEqual(expect.stringMatching(/^admin:.* key\.updated$/));
  });

  it('rotating by hand waits for the hand-over, or for the revocation of the successor', async () => {
    const { key } = await dueKey({}, { delivery: 'webhook', max_age_days: 30 });
    status = 500;
    await service.turn();
    const rotate = () => service.call<RotateKeyResponse>('POST', `/keys/${key.key_id}/rotate`, {});
    const refused = await rotate();
    const successorId = messagesOf(receiver)[0]?.data.key_id ?? '';
    expect(refused.status).toBe(409);
    expect(JSON.stringify(refused.body)).toContain(successorId);
    expect((await service.key(key.key_id)).rotated_to_id).toBeNull();
    await service.call('DELETE', `/keys/${successorId}`);
    expect((await rotate()).status).toBe(201);
    status = 200;
    service.clock.advance(DAY_MS / 2);
    await service.turn();
    expect(receiver.requests).toHaveLength(1);
  });

  it('the policy of one key follows a rotation by hand', async () => {
    const key = await service.createKey();
    await service.createPolicy({ key_id: key.key_id, max_age_days: 30, delivery: 'webhook' });
    const { body } = await service.call<RotateKeyResponse>('POST', `/keys/${key.key_id}/rotate`, {});
    await service.turn();
    expect((await service.policies())[0]).toMatchObject({ key_id: body.key_id, active_keys: 1 });
  });

  it('another sealing secret leaves the old key as it is and says what to do', async () => {
    const { key } = await dueKey();
    status = 500;
    await service.turn();
    await service.close();
    status = 200;
    const { clock } = service;
    clock.advance(DAY_MS);
    const env: Record<string, string> = { DATABASE_URL: databaseUrl, ...webhookEnv(receiver) };
    const other = { ...env, KEY_ROTATION_SECRETS: 'another-secret-that-seals-successors' };
    service = await startRotationService(other, clock);
    expect((await service.deliveries()).deliveries[0]?.last_error).toContain(
      'put the one back that it was made with',
    );
    expect(receiver.requests).toHaveLength(1);
    expect(await service.isValid(key.api_key)).toBe(true);
    await service.close();
    clock.advance(DAY_MS);
    const both = `${other.KEY_ROTATION_SECRETS},${env['KEY_ROTATION_SECRETS']}`;
    service = await startRotationService({ ...env, KEY_ROTATION_SECRETS: both }, clock);
    expect(messagesOf(receiver)[1]?.data.api_key).toBe(messagesOf(receiver)[0]?.data.api_key);
    expect((await service.deliveries()).total).toBe(0);
  });

  // SQLite is for one key service.
  if (engine === 'postgres')
    it('two replicas make one successor for each key, and each is sent once', async () => {
      const other = await start(service.clock);
      try {
        const keys = [];
        for (let n = 0; n < 25; n++) keys.push(await service.createKey({ name: `job-${n}` }));
        await dueKey();
        await Promise.all([service.turn(), other.turn(), service.turn(), other.turn()]);
        const messages = messagesOf(receiver);
        expect(messages).toHaveLength(26);
        expect(new Set(messages.map(({ data }) => data.old_key_id)).size).toBe(26);
        for (const { key_id: id } of keys)
          expect((await service.key(id)).rotated_to_id).toBe(
            messages.find(({ data }) => data.old_key_id === id)?.data.key_id,
          );
      } finally {
        await other.close();
      }
    });
});

it.each<[string, Record<string, string>]>([
  ['KEY_ROTATION_WEBHOOK_URL must be an https:// URL', { KEY_ROTATION_WEBHOOK_URL: 'http://10.0.0.7/hook' }],
  ['KEY_ROTATION_WEBHOOK_SECRETS is required', { KEY_ROTATION_WEBHOOK_SECRETS: '' }],
  ['KEY_ROTATION_SECRETS is required', { KEY_ROTATION_SECRETS: '' }],
  ['KEY_ROTATION_SECRETS must have at least 32', { KEY_ROTATION_SECRETS: 'short' }],
  ['KEY_ROTATION_AWS_REGION is required', { KEY_ROTATION_AWS_ENDPOINT: 'https://vpce.example' }],
  ['KEY_ROTATION_AWS_REGION must be the name', { KEY_ROTATION_AWS_REGION: 'Frankfurt am Main' }],
])('ends the start with "%s…"', async (words, env) => {
  const start = startTestKeyService({
    DATABASE_URL: 'sqlite:///unused.sqlite',
    ...webhookEnv({ url: 'https://receiver.example' }),
    ...env,
  });
  await expect(start).rejects.toThrow(words);
});
