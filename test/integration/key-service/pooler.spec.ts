import { sql } from 'kysely';
import { Database } from '../../../src/key-service/storage/database.js';
import { eventually } from '../../support/lib/eventually.js';
import { startTestKeyService } from '../../support/systems/key-service.js';
import { hasPgBouncer, startPgBouncer, type PgBouncer } from '../../support/servers/pgbouncer.js';
import { startPostgresServer, type PostgresServer } from '../../support/servers/postgres-server.js';

const here = hasPgBouncer() || process.env['CI'] ? describe : describe.skip;

here('a key service behind PgBouncer in transaction mode', () => {
  let server: PostgresServer;
  let pooler: PgBouncer;

  beforeAll(async () => {
    server = await startPostgresServer();
    pooler = await startPgBouncer(await server.newDatabase());
  });
  afterAll(async () => {
    await pooler?.close();
    await server?.close();
  });

  it('starts with any number of replicas, migrates once, and serves', async () => {
    const services = await Promise.all(
      Array.from({ length: 3 }, () => startTestKeyService({ DATABASE_URL: pooler.url })),
    );
    try {
      expect(services.flatMap((service) => service.logs.of('database_migrated'))).toHaveLength(1);
      const keys = await Promise.all(
        services.map((service) => service.call('POST', '/keys', { name: 'n', service_id: 'ml-platform' })),
      );
      for (const [n, { status, body }] of keys.entries()) {
        expect(status).toBe(201);
        const other = services[(n + 1) % services.length];
        expect((await other?.call('POST', '/keys/validate', { api_key: body['api_key'] }, {}))?.status).toBe(
          200,
        );
      }
      expect((await services[0]?.call('GET', '/audit/verify'))?.body).toMatchObject({
        valid: true,
        entries: 3,
      });
      expect((await fetch(`${services[0]?.url}/health/ready`)).status).toBe(200);
    } finally {
      await Promise.all(services.map((service) => service.close()));
    }
  });

  it('still ends statements and transactions that take too long', async () => {
    const service = await startTestKeyService({ DATABASE_URL: pooler.url, DATABASE_TIMEOUT_MS: '300' });
    try {
      const database = service.app.get(Database);
      const slow = database.transaction((db) => sql`select pg_sleep(5)`.execute(db));
      await expect(slow).rejects.toThrow(/timeout/);
      await eventually(async () => (await fetch(`${service.url}/health/ready`)).status === 200, {
        timeoutMs: 15_000,
      });
    } finally {
      await service.close();
    }
  });

  it('whose pooler refuses the user or the database ends its start in one sentence', async () => {
    const wrongUser = new URL(pooler.url);
    wrongUser.username = 'nobody';
    const start = startTestKeyService({ DATABASE_URL: wrongUser.href, DATABASE_START_TIMEOUT_SECONDS: '30' });
    await expect(start).rejects.toThrow(/^(PostgreSQL|The pooler before PostgreSQL) refuses .*\.$/);
    await expect(start).rejects.not.toThrow(wrongUser.password);
  });
});
