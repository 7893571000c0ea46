import { sql } from 'kysely';
import { existsSync } from 'node:fs';
import { Database, openDatabase } from '../../../src/key-service/storage/database.js';
import { MIGRATIONS } from '../../../src/key-service/storage/migrations.js';
import { runMigrate } from '../../../src/key-service/storage/migrate.command.js';
import { migrate } from '../../../src/key-service/storage/migrator.js';
import { StartError } from '../../../src/platform/start-error.js';
import { eventually } from '../../support/lib/eventually.js';
import { ENGINES, startKeyDatabases, type KeyDatabases } from '../../support/servers/key-databases.js';
import { startTestKeyService } from '../../support/systems/key-service.js';

const NAMES = Object.keys(MIGRATIONS);
const NEWEST = NAMES.at(-1) as string;

describe.each(ENGINES)('a database of another version on %s', (engine) => {
  let databases: KeyDatabases;
  let url: string;

  beforeAll(async () => {
    databases = await startKeyDatabases(engine);
  });
  beforeEach(async () => {
    url = await databases.next();
  });
  afterAll(() => databases?.close());

  const settings = () => ({ url, poolSize: 2, timeoutMs: 5000 });

  async function change(...statements: string[]): Promise<void> {
    const database = openDatabase(settings());
    for (const statement of statements) await sql.raw(statement).execute(database.db);
    await database.close();
  }
  const knowsLater = (): Promise<void> =>
    change(
      "insert into kysely_migration (name, timestamp) values ('0099-later', '2099-01-01T00:00:00.000Z')",
    );

  async function command(...args: string[]): Promise<{ code: number; text: string }> {
    let text = '';
    const write = (part: string): void => void (text += part);
    return { code: await runMigrate(args, { DATABASE_URL: url }, { out: write, err: write }), text };
  }

  it('that a newer version has only added to is used, so that a rollback starts', async () => {
    await migrate(settings(), 'up');
    await knowsLater();
    const service = await startTestKeyService({ DATABASE_URL: url });
    try {
      const created = await service.call('POST', '/keys', { name: 'n', service_id: 'ml-platform' });
      expect(created.status).toBe(201);
      const key = { api_key: created.body['api_key'] };
      expect((await service.call('POST', '/keys/validate', key, {})).status).toBe(200);
      expect(service.logs.of('database_newer')).toMatchObject([{ migrations: ['0099-later'] }]);
      expect(await command()).toEqual({ code: 0, text: 'no migrations run\n' });
      expect((await command('--check')).code).toBe(0);
    } finally {
      await service.close();
    }
  });

  it('that this version cannot read is refused in one sentence, and left as it is', async () => {
    await migrate(settings(), 'up');
    await knowsLater();
    await change('update schema_compatibility set min_reader = 99');
    const start = startTestKeyService({ DATABASE_URL: url });
    await expect(start).rejects.toThrow(StartError);
    await expect(start).rejects.toThrow(/^A newer version has changed the database \(0099-later\) .*\.$/);
    for (const args of [[], ['--check']])
      expect(await command(...args)).toMatchObject({
        code: 2,
        text: expect.stringContaining('0099-later') as string,
      });
  });

  it('that lacks a migration which this version needs is refused in one sentence', async () => {
    await migrate(settings(), 'up');
    await knowsLater();
    await change(`delete from kysely_migration where name = '${NEWEST}'`);
    await expect(startTestKeyService({ DATABASE_URL: url })).rejects.toThrow(`lacks others (${NEWEST})`);
  });

  it('carries the oldest version that can still use it', async () => {
    await migrate(settings(), 'up');
    const database = openDatabase(settings());
    const rows = await database.db.selectFrom('schema_compatibility').selectAll().execute();
    await database.close();
    expect(rows).toEqual([{ id: 1, min_reader: 7 }]);
  });

  it('is migrated by a command of its own, which says before what it would run', async () => {
    const list = NAMES.map((name) => `  ${name}\n`).join('');
    expect(await command('--check')).toEqual({ code: 3, text: `migrations to run:\n${list}` });
    if (engine === 'sqlite') expect(existsSync(url.slice('sqlite:///'.length))).toBe(false);
    expect(await command()).toEqual({ code: 0, text: `migrations run:\n${list}` });
    expect(await command('--check')).toEqual({ code: 0, text: 'no migrations to run\n' });
    expect(await command()).toEqual({ code: 0, text: 'no migrations run\n' });
  });

  it('may be migrated while an older service runs on it', async () => {
    const service = await startTestKeyService({ DATABASE_URL: url });
    try {
      expect((await command()).code).toBe(0);
      expect((await service.call('POST', '/keys', { name: 'n', service_id: 'ml-platform' })).status).toBe(
        201,
      );
    } finally {
      await service.close();
    }
  });

  it('is waited for with MIGRATE_AT_START=false, and never migrated', async () => {
    const env = { DATABASE_URL: url, MIGRATE_AT_START: 'false' };
    await expect(startTestKeyService({ ...env, DATABASE_START_TIMEOUT_SECONDS: '0' })).rejects.toThrow(
      'run "main.js migrate" of this version first',
    );
    expect((await command('--check')).code).toBe(3);
    const starting = startTestKeyService(env);
    await migrate(settings(), 'up');
    const service = await starting;
    expect(service.app.get(Database).engine).toBe(engine);
    await service.close();
  });
});

it.each([
  [['--nonsense'], 2],
  [['--check', 'more'], 2],
  [['--help'], 0],
])('the command migrate %j prints its usage and ends with %i', async (args, code) => {
  let text = '';
  const write = (part: string): void => void (text += part);
  expect(await runMigrate(args, {}, { out: write, err: write })).toBe(code);
  expect(text).toContain('Usage: main.js migrate [--check]');
});

it('migrate says what is wrong with the configuration', async () => {
  let text = '';
  const write = (part: string): void => void (text += part);
  expect(await runMigrate([], { DATABASE_URL: 'mysql://x' }, { out: write, err: write })).toBe(2);
  await eventually(() => text.includes('DATABASE_URL must be'));
});
