import { startPostgresServer, type PostgresServer } from '../../support/postgres-server.js';
import { startTestKeyService, type TestKeyService } from '../../support/key-service.js';

describe('while PostgreSQL is away', () => {
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
      service.call('POST', '/keys', { name: 'n', service_id: 's' }),
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
