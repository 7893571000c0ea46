import type { AuditResponse } from '../../../src/contracts/admin/audit.js';
import type { KeyNoticeMessage } from '../../../src/contracts/admin/notices.js';
import { NoticeSender } from '../../../src/key-service/notices/notice.sender.js';
import { ENGINES, startKeyDatabases, type KeyDatabases } from '../../support/servers/key-databases.js';
import { metricOf } from '../../support/lib/metrics.js';
import { startRecordingUpstream } from '../../support/servers/recording-upstream.js';
import { DAY_MS, startRotationService, webhookEnv, type RotationService } from './rotation-service.js';

async function startWithBatch(databases: KeyDatabases): Promise<RotationService> {
  const service = await startRotationService({
    DATABASE_URL: await databases.next(),
    ...webhookEnv({ url: 'http://127.0.0.1:9' }),
  });
  await service.call('POST', '/services', { service_id: 'batch' });
  return service;
}

describe.each(ENGINES)('rotation policies on %s', (engine) => {
  let databases: KeyDatabases;
  let service: RotationService;

  beforeAll(async () => {
    databases = await startKeyDatabases(engine);
  });
  beforeEach(async () => {
    service = await startWithBatch(databases);
  });
  afterEach(() => service.close());
  afterAll(() => databases?.close());

  it('are made, shown, changed and removed, each with its entry in the audit log', async () => {
    const made = await service.createPolicy({
      ...{ service_id: 'batch', environment: 'staging', max_age_days: 90, delivery: 'webhook' },
      description: 'Nightly jobs',
    });
    expect(made).toMatchObject({ status: 201 });
    const { policy_id: id } = made.body;
    expect(made.body).toEqual({
      policy_id: expect.any(String) as string,
      key_id: null,
      ...{ service_id: 'batch', environment: 'staging', max_age_days: 90, overlap_seconds: 86_400 },
      ...{ delivery: 'webhook', secret_id: null, description: 'Nightly jobs', warns_only: false },
      ...{ created_at: '2026-01-01T00:00:00.000Z', created_by: expect.stringMatching(/^admin:/) as string },
      ...{ active_keys: 0, due_keys: 0, next_rotation_at: null, last_delivered_at: null },
    });
    const changed = await service.call('PATCH', `/rotation-policies/${id}`, {
      ...{ max_age_days: 30, delivery: null, description: null },
    });
    expect(changed).toMatchObject({ status: 200, body: { max_age_days: 30, warns_only: true } });
    const same = await service.call('PATCH', `/rotation-policies/${id}`, { max_age_days: 30 });
    expect(same).toMatchObject({ status: 200, body: changed.body });
    expect(await service.policies()).toEqual([changed.body]);
    expect((await service.call('DELETE', `/rotation-policies/${id}`)).status).toBe(204);
    expect(await service.policies()).toEqual([]);
    const { body } = await service.call<AuditResponse>('GET', '/audit?limit=3');
    expect(body.entries).toMatchObject([
      { action: 'rotation-policy.removed', details: { policy_id: id } },
      {
        action: 'rotation-policy.updated',
        details: { max_age_days: { from: 90, to: 30 }, delivery: { from: 'webhook', to: null } },
      },
      { action: 'rotation-policy.created', details: { policy_id: id, service_id: 'batch' } },
    ]);
  });

  it('there is one for the same keys, and one that is not there is 404', async () => {
    const fields = { service_id: 'batch', max_age_days: 90 };
    expect((await service.createPolicy(fields)).status).toBe(201);
    expect((await service.createPolicy({ ...fields, max_age_days: 30 })).status).toBe(409);
    for (const id of [crypto.randomUUID(), 'no-id']) {
      expect((await service.call('PATCH', `/rotation-policies/${id}`, { max_age_days: 9 })).status).toBe(404);
      expect((await service.call('DELETE', `/rotation-policies/${id}`)).status).toBe(404);
    }
  });

  it('the narrowest decides: the one of the key, then service and environment, service, environment', async () => {
    const keyOf = (fields: object) =>
      service.createKey({ service_id: 'batch', environment: 'staging', ...fields });
    const own = await keyOf({ name: 'own' });
    await keyOf({ name: 'both' });
    await keyOf({ name: 'service', environment: 'production' });
    await keyOf({ name: 'environment', service_id: 'ml-platform' });
    await keyOf({ name: 'nobody', service_id: 'ml-platform', environment: 'development' });
    const ages = [
      [10, { environment: 'staging' }],
      [20, { service_id: 'batch' }],
      [30, { service_id: 'batch', environment: 'staging' }],
      [40, { key_id: own.key_id }],
    ] as const;
    for (const [max_age_days, subject] of ages)
      expect((await service.createPolicy({ max_age_days, ...subject })).status).toBe(201);
    const seen = async (): Promise<number[][]> =>
      (await service.policies()).map(({ max_age_days, active_keys, due_keys }) => [
        ...[max_age_days, active_keys, due_keys],
      ]);
    expect(await seen()).toEqual([40, 30, 20, 10].map((age) => [age, 1, 0]));
    service.clock.advance(19 * DAY_MS);
    expect(await seen()).toEqual([
      ...[
        [40, 1, 0],
        [30, 1, 0],
        [20, 1, 1],
        [10, 1, 1],
      ],
    ]);
    service.clock.advance(20 * DAY_MS);
    expect(await seen()).toEqual([40, 30, 20, 10].map((age) => [age, 1, 1]));
  });

  it('without a delivery only warn: once, in log, metric and by the webhook of warnings, and the key stays', async () => {
    const receiver = await startRecordingUpstream();
    const warning = await startRotationService(
      {
        DATABASE_URL: await databases.next(),
        KEY_NOTICE_WEBHOOK_URL: receiver.url,
        KEY_NOTICE_WEBHOOK_SECRETS: 'a-secret-of-the-webhook',
      },
      service.clock,
    );
    try {
      const key = await warning.createKey();
      expect((await warning.createPolicy({ environment: 'production', max_age_days: 30 })).status).toBe(201);
      warning.clock.advance(29 * DAY_MS - 1);
      await warning.turn();
      expect(warning.logs.of('key_rotation_due')).toEqual([]);
      for (let again = 0; again < 3; again++) {
        warning.clock.advance(DAY_MS);
        await warning.turn();
        await warning.app.get(NoticeSender, { strict: false }).send();
      }
      expect(warning.logs.of('key_rotation_due')).toMatchObject([
        { level: 'warn', key_id: key.key_id, max_age_days: 30 },
      ]);
      expect(await metricOf(warning, 'key_notices_total{notice="rotation-due"}')).toBe(1);
      expect(
        receiver.requests.map(({ body }) => JSON.parse(body.toString()) as KeyNoticeMessage),
      ).toMatchObject([{ type: 'key.rotation_due', data: { key_id: key.key_id, days: 29 } }]);
      expect(await warning.key(key.key_id)).toMatchObject({ is_active: true, expires_at: null });
      expect(await warning.deliveries()).toEqual({ deliveries: [], total: 0 });
    } finally {
      await warning.close();
      await receiver.close();
    }
  });
});

// What is refused leaves nothing behind: one service for all.
describe.each(ENGINES)('rotation policies on %s', (engine) => {
  let databases: KeyDatabases;
  let service: RotationService;

  beforeAll(async () => {
    databases = await startKeyDatabases(engine);
    service = await startWithBatch(databases);
  });
  afterAll(async () => {
    await service?.close();
    await databases?.close();
  });

  it.each<[string, object, string]>([
    ['for nothing', {}, 'key_id'],
    ['for a key and a service', { key_id: crypto.randomUUID(), service_id: 'batch' }, 'key_id'],
    ['for a key that is not there', { key_id: crypto.randomUUID() }, 'key_id'],
    ['for an unregistered service', { service_id: 'nobody' }, 'service_id'],
    ['for an unknown environment', { environment: 'moon' }, 'environment'],
    ['without an age', { service_id: 'batch', max_age_days: undefined }, 'max_age_days'],
    ['with an age of 0', { service_id: 'batch', max_age_days: 0 }, 'max_age_days'],
    [
      'with an overlap as long as the age',
      { service_id: 'batch', max_age_days: 1, overlap_seconds: 86_400 },
      'overlap_seconds',
    ],
    ['with an unknown delivery', { service_id: 'batch', delivery: 'pigeon' }, 'delivery'],
    [
      'with a delivery that has no settings',
      { service_id: 'batch', delivery: 'aws-secrets-manager', secret_id: 'k/{first_key_id}' },
      'delivery',
    ],
    [
      'with a secret for a webhook',
      { service_id: 'batch', delivery: 'webhook', secret_id: 'mlflow' },
      'secret_id',
    ],
    [
      'with Secrets Manager and no secret',
      { service_id: 'batch', delivery: 'aws-secrets-manager' },
      'secret_id',
    ],
    [
      'that puts several keys into one secret',
      { service_id: 'batch', delivery: 'aws-secrets-manager', secret_id: 'mlflow' },
      'secret_id',
    ],
    ['with an unknown field', { service_id: 'batch', max_age: 3 }, 'max_age'],
  ])('one %s is refused, and the field is named', async (_what, fields, field) => {
    const { status, body } = await service.createPolicy({ max_age_days: 90, ...fields });
    expect(status).toBe(400);
    expect(JSON.stringify(body)).toContain(`"field":"${field}"`);
    expect(await service.policies()).toEqual([]);
  });
});
