import type { CreateKeyResponse } from '../../../src/contracts/key-management.js';
import { ENGINES, startKeyDatabases, type KeyDatabases } from '../../support/key-databases.js';
import { startTestKeyService, type TestKeyService } from '../../support/key-service.js';

describe.each(ENGINES)('keys on %s', (engine) => {
  let databases: KeyDatabases;
  let service: TestKeyService;

  beforeAll(async () => {
    databases = await startKeyDatabases(engine);
    service = await startTestKeyService({ DATABASE_URL: await databases.next() });
  });

  afterAll(async () => {
    await service?.close();
    await databases?.close();
  });

  it('creates a key that validates', async () => {
    const created = await service.call<CreateKeyResponse>('POST', '/keys', {
      name: 'first',
      service_id: 'ml-platform',
    });
    expect(created).toMatchObject({ status: 201 });
    const validated = await service.call('POST', '/keys/validate', { api_key: created.body.api_key }, {});
    expect(validated).toMatchObject({ status: 200, body: { valid: true, key_id: created.body.key_id } });
  });
});
