import type { CreateKeyResponse } from '../../../src/contracts/keys/key-management.js';
import { Database } from '../../../src/key-service/storage/database.js';
import { UnregisteredServices } from '../../../src/key-service/validation/unregistered-services.js';
import { ENGINES, startKeyDatabases, type KeyDatabases } from '../../support/servers/key-databases.js';
import { startTestKeyService, type TestKeyService } from '../../support/systems/key-service.js';
import { ManualClock } from '../../support/lib/manual-clock.js';

const DAY_MS = 86_400_000;

describe.each(ENGINES)('validations for services that nobody registered, on %s', (engine) => {
  const clock = new ManualClock();
  const open: TestKeyService[] = [];
  let databases: KeyDatabases;
  let url: string;
  let service: TestKeyService;
  let key: CreateKeyResponse;
  beforeAll(async () => {
    databases = await startKeyDatabases(engine);
  });
  beforeEach(async () => {
    url = await databases.next();
    service = await start();
    key = (await service.call<CreateKeyResponse>('POST', '/keys', { name: 'k', service_id: 'ml-platform' }))
      .body;
  });
  afterEach(async () => {
    for (const one of open.splice(0)) await one.close();
  });
  afterAll(() => databases?.close());

  async function start(): Promise<TestKeyService> {
    const started = await startTestKeyService({ DATABASE_URL: url }, { clock });
    open.push(started);
    return started;
  }
  async function validate(service_id: string, at = service): Promise<void> {
    const { status } = await at.call('POST', '/keys/validate', { service_id, api_key: key.api_key }, {});
    expect(status).toBe(401);
  }
  const listed = (at = service): Promise<unknown[]> =>
    at.app.get(UnregisteredServices, { strict: false }).list();
  const now = (): string => new Date(clock.now()).toISOString();

  it('are summed up by service over restarts, with the first and the last of them', async () => {
    const firstAt = now();
    await validate('batch');
    await validate('Not a service <b>');
    await validate('batch');
    clock.advance(1000);
    await service.close();
    open.splice(0);
    service = await start();
    await validate('batch');
    expect(await listed()).toEqual([
      { serviceId: 'batch', validations: 3, firstAt, lastAt: now(), lastKeyId: key.key_id },
      { serviceId: null, validations: 1, firstAt, lastAt: firstAt, lastKeyId: key.key_id },
    ]);
  });

  if (engine === 'postgres')
    it('are summed up over replicas', async () => {
      const other = await start();
      await validate('batch');
      await validate('batch', other);
      await validate('batch', other);
      await listed(other);
      expect(await listed()).toMatchObject([{ serviceId: 'batch', validations: 3 }]);
      expect(await listed(other)).toEqual(await listed());
    });

  it('are of a hundred services at most, those that were asked for last', async () => {
    for (const names of [
      [0, 70],
      [70, 150],
    ] as const) {
      for (let n = names[0]; n < names[1]; n++) {
        // Refusals of one address are limited by the minute.
        clock.advance(60_000);
        await validate(`service-${n}`);
      }
      await listed();
    }
    const services = (await listed()) as { serviceId: string }[];
    expect(services.map(({ serviceId }) => serviceId)).toEqual(
      Array.from({ length: 100 }, (_, n) => `service-${149 - n}`),
    );
  });

  it('are told no more once the service is registered, or 90 days after the last one', async () => {
    await validate('batch');
    await validate('trial');
    await listed();
    await service.call('POST', '/services', { service_id: 'batch' });
    expect(await listed()).toMatchObject([{ serviceId: 'trial' }]);
    clock.advance(90 * DAY_MS + 1);
    await validate('other');
    expect(await listed()).toMatchObject([{ serviceId: 'other' }]);
  });

  it('are kept and counted together while storage does not take them', async () => {
    const { db } = service.app.get(Database, { strict: false });
    const rename = (from: string, to: string): Promise<void> =>
      db.schema.alterTable(from).renameTo(to).execute();
    await validate('batch');
    await rename('unregistered_services', 'away');
    await expect(listed()).rejects.toThrow();
    await validate('batch');
    await rename('away', 'unregistered_services');
    expect(await listed()).toMatchObject([{ serviceId: 'batch', validations: 2 }]);
    expect(service.logs.of('unregistered_services_not_written')).toHaveLength(1);
  });
});
