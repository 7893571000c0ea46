import type { AuditResponse } from '../../../src/contracts/admin/audit.js';
import type { CreateKeyResponse, ListKeysResponse } from '../../../src/contracts/keys/key-management.js';
import type { ServicesResponse } from '../../../src/contracts/admin/services.js';
import { migrate } from '../../../src/key-service/storage/migrator.js';
import { openDatabase } from '../../../src/key-service/storage/database.js';
import { services as servicesMigration } from '../../../src/key-service/storage/migrations/0013-services.js';
import { ENGINES, startKeyDatabases, type KeyDatabases } from '../../support/servers/key-databases.js';
import { callJson, startTestKeyService, type TestKeyService } from '../../support/systems/key-service.js';
import { metricsOf } from '../../support/lib/metrics.js';

describe.each(ENGINES)('services that keys are for, on %s', (engine) => {
  let databases: KeyDatabases;
  let service: TestKeyService;

  beforeAll(async () => {
    databases = await startKeyDatabases(engine);
    service = await startTestKeyService({ DATABASE_URL: await databases.next() });
    for (const id of ['batch', 'serving'])
      expect((await service.call('POST', '/services', { service_id: id })).status).toBe(201);
  });

  afterAll(async () => {
    await service?.close();
    await databases?.close();
  });

  const create = (fields: object) =>
    service.call<CreateKeyResponse>('POST', '/keys', { name: 'a key', ...fields });
  const listed = async (): Promise<ServicesResponse['services']> =>
    (await service.call<ServicesResponse>('GET', '/services')).body.services;
  const validate = (apiKey: string, serviceId: string, contract: 'header' | 'body') =>
    contract === 'header'
      ? service.call(
          'POST',
          '/keys/validate',
          { service_id: serviceId },
          { authorization: `Bearer ${apiKey}` },
        )
      : service.call('POST', '/keys/validate', { api_key: apiKey, service_id: serviceId }, {});

  it('MLflow’s own is registered from the start, others by an administrator, with an entry in the audit log', async () => {
    const made = await service.call('POST', '/services', { service_id: 'jobs', description: 'Nightly jobs' });
    expect(made).toMatchObject({
      status: 201,
      body: { service_id: 'jobs', description: 'Nightly jobs', keys: 0 },
    });
    expect((await listed()).map(({ service_id }) => service_id)).toEqual([
      ...['batch', 'jobs', 'ml-platform', 'serving'],
    ]);
    expect((await service.call('POST', '/services', { service_id: 'jobs' })).status).toBe(409);
    expect((await service.call('DELETE', '/services/jobs')).status).toBe(204);
    expect((await service.call('DELETE', '/services/jobs')).status).toBe(404);
    const { body } = await service.call<AuditResponse>('GET', '/audit?limit=2');
    expect(body.entries).toMatchObject([
      { action: 'service.removed', key_id: null, details: { service_id: 'jobs' } },
      { action: 'service.registered', details: { service_id: 'jobs', description: 'Nightly jobs' } },
    ]);
    expect((await service.call('GET', '/audit/verify')).body).toMatchObject({ valid: true });
  });

  it('a key is made for registered services alone, and the refusal says what to do', async () => {
    for (const fields of [{ service_id: 'nobody' }, { service_ids: ['batch', 'nobody'] }]) {
      const { status, body } = await create(fields);
      expect(status).toBe(400);
      expect(JSON.stringify(body)).toContain('register nobody with POST /api/v1/services');
    }
    expect((await create({ service_id: 'serving', service_ids: ['batch'] })).status).toBe(400);
    expect((await create({})).status).toBe(400);
    expect((await create({ service_ids: [] })).status).toBe(400);
    const { body: key } = await create({ service_id: 'batch' });
    const edit = await service.call('PATCH', `/keys/${key.key_id}`, { service_ids: ['nobody'] });
    expect(edit.status).toBe(400);
  });

  it.each(['header', 'body'] as const)(
    'a key for several services is valid for each, and for no other, by the %s contract',
    async (contract) => {
      const { body: key } = await create({ service_ids: ['batch', 'ml-platform'] });
      expect(key).toMatchObject({ service_id: 'batch', service_ids: ['batch', 'ml-platform'] });
      for (const id of ['batch', 'ml-platform'])
        expect((await validate(key.api_key, id, contract)).body).toMatchObject({
          valid: true,
          service_id: 'batch',
          service_ids: ['batch', 'ml-platform'],
        });
      expect((await validate(key.api_key, 'serving', contract)).status).toBe(401);
      const rotated = await service.call('POST', `/keys/${key.key_id}/rotate`, {});
      const successor = String(rotated.body['api_key']);
      expect((await validate(successor, 'ml-platform', contract)).status).toBe(200);
      const edited = await service.call('PATCH', `/keys/${String(rotated.body['key_id'])}`, {
        service_ids: ['serving'],
      });
      expect(edited.body).toMatchObject({ service_id: 'serving', service_ids: ['serving'] });
      expect((await validate(successor, 'ml-platform', contract)).status).toBe(401);
      expect((await validate(successor, 'serving', contract)).status).toBe(200);
    },
  );

  it('a service that asks and is not registered is told apart in log and metric, never to the caller', async () => {
    const { body: key } = await create({ service_id: 'batch' });
    const [other, unregistered] = [
      await validate(key.api_key, 'serving', 'body'),
      await validate(key.api_key, 'not-registered', 'body'),
    ];
    const told = ({ status, body }: typeof other) => ({ status, ...body, instance: '', request_id: '' });
    expect(told(unregistered)).toEqual(told(other));
    const metrics = await metricsOf(service);
    expect(metrics).toContain('key_validations_total{outcome="unregistered-service"} 1');
    expect(service.logs.of('request').filter(({ status }) => status === 401)).toMatchObject(
      expect.arrayContaining([expect.objectContaining({ reason: 'unregistered-service' })]) as object,
    );
  });

  it('keys are listed and counted by each of their services, which stay while active keys are for them', async () => {
    await service.call('POST', '/services', { service_id: 'shared' });
    const { body: key } = await create({ name: 'of both', service_ids: ['ml-platform', 'shared'] });
    const { body } = await service.call<ListKeysResponse>('GET', '/keys?service_id=shared');
    expect(body.keys.map(({ name }) => name)).toEqual(['of both']);
    expect(await listed()).toContainEqual(
      expect.objectContaining({ service_id: 'shared', keys: 1, active_keys: 1 }),
    );
    const refused = await service.call('DELETE', '/services/shared');
    expect(refused.status).toBe(409);
    expect(JSON.stringify(refused.body)).toContain('are for the service: 1. Revoke them');
    await service.call('DELETE', `/keys/${key.key_id}`);
    expect((await service.call('DELETE', '/services/shared')).status).toBe(204);
  });

  it('an upgrade registers every service that has keys', async () => {
    const url = await databases.next();
    const settings = { url, poolSize: 2, timeoutMs: 5000 };
    await migrate(settings, 'up');
    const database = openDatabase(settings);
    try {
      const migration = servicesMigration(engine);
      await migration.down?.(database.db as never);
      const key = {
        ...{
          id: '00000000-0000-4000-8000-000000000001',
          key_hash: 'h',
          hash_algorithm: 'hmac-sha256' as const,
        },
        ...{ key_prefix: 'p', service_id: 'of-old', name: 'n', environment: 'production', scopes: '[]' },
        ...{ created_at: '2026-01-01T00:00:00.000Z', is_active: true },
      };
      await database.db.insertInto('api_keys').values(key).execute();
      await migration.up(database.db as never);
      const rows = await database.db.selectFrom('services').select('id').orderBy('id').execute();
      expect(rows.map(({ id }) => id)).toEqual(['ml-platform', 'of-old']);
    } finally {
      await database.close();
    }
  });

  it.each([
    ['GET', '/services'],
    ['POST', '/services'],
    ['DELETE', '/services/batch'],
  ])('%s %s is closed without a token', async (method, path) => {
    expect((await callJson(`${service.url}/api/v1${path}`, method, undefined, {})).status).toBe(401);
  });
});
