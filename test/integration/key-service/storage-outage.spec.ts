import { startPostgresServer, type PostgresServer } from '../../support/servers/postgres-server.js';
import { sql } from 'kysely';
import { Database } from '../../../src/key-service/storage/database.js';
import { eventually } from '../../support/lib/eventually.js';
import { startTestKeyService, type TestKeyService } from '../../support/systems/key-service.js';

describe('while PostgreSQL is down', () => {
  let server: PostgresServer;
  let service: TestKeyService;

  beforeAll(async () => {
    server = await startPostgresServer();
    service = await startTestKeyService({
      DATABASE_URL: await server.newDatabase(),
      DATABASE_TIMEOUT_MS: '500',
    });
  });

  afterAll(() => service?.close());

  it('every route says 503 with Retry-After, never 401 and never 500, and the process stays alive', async () => {
    expect((await fetch(`${service.url}/health/ready`)).status).toBe(200);
    await server.close();
    const answers = await Promise.all([
      service.call('POST', '/keys/validate', { api_key: 'hk_live_some-key-or-other' }, {}),
      service.call('POST', '/keys', { name: 'n', service_id: 'ml-platform' }),
      service.call('GET', '/keys'),
    ]);
    expect(service.logs.of('internal_error')).toEqual([]);
    for (const { status, headers, body } of answers) {
      expect({ status, code: body['error_code'] }).toEqual({ status: 503, code: 'TEMPORARILY_UNAVAILABLE' });
      expect(headers.get('retry-after')).toBe('2');
      expect(JSON.stringify(body)).not.toMatch(/127\.0\.0\.1|postgres/);
    }
    expect((await fetch(`${service.url}/health/live`)).status).toBe(200);
  });
});

it('a replica that freezes in the middle of a change holds up the others for seconds, not for good', async () => {
  const server = await startPostgresServer();
  const env = { DATABASE_URL: await server.newDatabase(), DATABASE_TIMEOUT_MS: '500' };
  const [frozen, other] = [await startTestKeyService(env), await startTestKeyService(env)];
  const create = async (): Promise<number> =>
    (await other.call('POST', '/keys', { name: 'n', service_id: 'ml-platform' })).status;
  let thaw = (): void => {};
  try {
    const held = new Promise<void>((resolve) => (thaw = resolve));
    const locked = Promise.withResolvers<void>();
    const change = frozen.app.get(Database, { strict: false }).transaction(async (db) => {
      await sql`update audit_head set seq = seq where id = 1`.execute(db);
      locked.resolve();
      await held;
    });
    await locked.promise;
    expect(await create()).toBe(503);
    await eventually(async () => (await create()) === 201, { timeoutMs: 10_000 });
    thaw();
    await expect(change).rejects.toThrow();
  } finally {
    thaw();
    await Promise.all([frozen.close(), other.close()]);
    await server.close();
  }
});
