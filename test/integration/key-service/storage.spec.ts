import { sql } from 'kysely';
import { statSync } from 'node:fs';
import { LastUsedRepository } from '../../../src/key-service/keys/last-used/last-used.repository.js';
import { migrate } from '../../../src/key-service/storage/migrator.js';
import { Database, openDatabase } from '../../../src/key-service/storage/database.js';
import { MIGRATIONS } from '../../../src/key-service/storage/migrations.js';
import { freePort } from '../../support/programs/free-port.js';
import { ENGINES, startKeyDatabases, type KeyDatabases } from '../../support/servers/key-databases.js';
import { startTestKeyService } from '../../support/systems/key-service.js';

const NAMES = Object.keys(MIGRATIONS);

describe.each(ENGINES)('storage on %s', (engine) => {
  let databases: KeyDatabases;

  beforeAll(async () => {
    databases = await startKeyDatabases(engine);
  });

  afterAll(() => databases?.close());

  const settings = (url: string) => ({ url, poolSize: 3, timeoutMs: 5000 });

  async function withDatabase<T>(url: string, work: (database: Database) => Promise<T>): Promise<T> {
    const database = openDatabase(settings(url));
    try {
      return await work(database);
    } finally {
      await database.close();
    }
  }

  const tables = (url: string): Promise<string[]> =>
    withDatabase(url, async ({ db }) =>
      (await db.introspection.getTables())
        .map(({ name }) => name)
        .filter((name) => !name.startsWith('kysely'))
        .sort(),
    );

  it('migrates up, finds nothing to do again, and down to nothing, and up again', async () => {
    const url = await databases.next();
    expect(await migrate(settings(url), 'up')).toEqual(NAMES);
    expect(await tables(url)).toEqual(
      expect.arrayContaining(['api_key_usage', 'api_keys', 'audit_head', 'audit_log', 'invalidation_outbox']),
    );
    expect(await migrate(settings(url), 'up')).toEqual([]);
    expect(await migrate(settings(url), 'down')).toEqual(NAMES.toReversed());
    expect(await tables(url)).toEqual([]);
    expect(await migrate(settings(url), 'up')).toEqual(NAMES);
  });

  it('has the columns and the tables that the earlier system had', async () => {
    const url = await databases.next();
    await migrate(settings(url), 'up');
    const found = await withDatabase(url, ({ db }) => db.introspection.getTables());
    const columns = (table: string): string[] =>
      found.find(({ name }) => name === table)?.columns.map(({ name }) => name) ?? [];
    expect(columns('api_keys')).toEqual(
      expect.arrayContaining(
        [
          'id',
          'key_hash',
          'key_prefix',
          'user_id',
          'name',
          'created_at',
          'expires_at',
          'last_used_at',
        ].concat(['is_active', 'rate_limit_per_hour', 'allowed_ips']),
      ),
    );
    expect(columns('api_key_usage')).toEqual(
      expect.arrayContaining([
        'id',
        'api_key_id',
        'endpoint',
        'timestamp',
        'response_time_ms',
        'status_code',
      ]),
    );
  });

  it('keeps the audit log from being changed or emptied by hand', async () => {
    const url = await databases.next();
    const service = await startTestKeyService({ DATABASE_URL: url });
    await service.call('POST', '/keys', { name: 'n', service_id: 'ml-platform' });
    await service.close();
    for (const statement of ["update audit_log set actor = 'nobody'", 'delete from audit_log'])
      await expect(withDatabase(url, ({ db }) => sql.raw(statement).execute(db))).rejects.toThrow(
        'append-only',
      );
  });

  // SQLite has one writer at a time.
  if (engine === 'postgres')
    it('writes times of last use while usage of the same keys is written, without waiting for it', async () => {
      const url = await databases.next();
      const service = await startTestKeyService({ DATABASE_URL: url });
      await service.call('POST', '/keys', { name: 'n', service_id: 'ml-platform' });
      await service.close();
      await withDatabase(url, async (database) => {
        const { id } = await database.db.selectFrom('api_keys').select('id').executeTakeFirstOrThrow();
        await database.db.transaction().execute(async (other) => {
          // As a record of usage locks the key that it refers to.
          await sql`select id from api_keys where id = ${id} for key share`.execute(other);
          await new LastUsedRepository(database).write(new Map([[id, Date.now()]]));
        });
        const used = await database.db.selectFrom('api_keys').select('last_used_at').executeTakeFirst();
        expect(used?.last_used_at).toBeTruthy();
      });
    });

  it('finds keys by an index for every way in which requests look for them', async () => {
    const url = await databases.next();
    await migrate(settings(url), 'up');
    const queries = [
      "select * from api_keys where key_hash in ('a', 'b')",
      "select * from api_keys where hash_algorithm = 'bcrypt' and key_prefix in ('a', 'b')",
      "select * from api_keys where user_id = 'u' order by created_at desc, id desc limit 3",
      "select * from api_keys where service_id = 's' order by created_at desc, id desc limit 3",
      'select * from api_keys order by created_at desc, id desc limit 3',
      "select id from api_keys where is_active and expires_at is not null and expires_at <= '2026-01-01' order by expires_at",
    ];
    const explain = engine === 'sqlite' ? 'explain query plan ' : 'explain ';
    await withDatabase(url, async ({ db }) => {
      await db.connection().execute(async (connection) => {
        // PostgreSQL always scans an empty table unless its settings make scans expensive.
        if (engine === 'postgres') await sql`set enable_seqscan = off`.execute(connection);
        for (const query of queries) {
          const { rows } = await sql.raw(explain + query).execute(connection);
          const plan = JSON.stringify(rows);
          expect(`${query}: ${plan}`).toMatch(/index/i);
          expect(`${query}: ${plan}`).not.toMatch(/Seq Scan|TEMP B-TREE/);
        }
      });
    });
  });
});

it('lets any number of replicas start at once on an empty PostgreSQL: one migrates, none fails', async () => {
  const databases = await startKeyDatabases('postgres');
  const url = await databases.next();
  const services = await Promise.all(
    Array.from({ length: 4 }, () => startTestKeyService({ DATABASE_URL: url })),
  );
  const migrated = services.flatMap((service) => service.logs.of('database_migrated'));
  const answers = await Promise.all(
    services.map((service) => service.call('POST', '/keys', { name: 'n', service_id: 'ml-platform' })),
  );
  await Promise.all(services.map((service) => service.close()));
  await databases.close();
  expect(migrated).toHaveLength(1);
  expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
});

it('SQLite’s file is made with its folders, and readable for its owner alone', async () => {
  const databases = await startKeyDatabases('sqlite');
  const url = (await databases.next()).replace(/([^/]+)$/, 'deep/er/$1');
  const service = await startTestKeyService({ DATABASE_URL: url });
  expect(statSync(url.slice('sqlite:///'.length)).mode & 0o777).toBe(0o600);
  await service.close();
  await databases.close();
});

it('a database that does not answer ends the start with its reason, after the time that is set', async () => {
  const url = `postgres://user:secret-password@127.0.0.1:${await freePort()}/keys`;
  const start = startTestKeyService({ DATABASE_URL: url, DATABASE_START_TIMEOUT_SECONDS: '0' });
  await expect(start).rejects.toThrow('ECONNREFUSED');
  await expect(start).rejects.not.toThrow('secret-password');
});
