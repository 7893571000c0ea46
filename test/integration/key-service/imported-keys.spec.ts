import bcrypt from 'bcrypt';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { sql } from 'kysely';
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import { runLegacyImport } from '../../../src/key-service/legacy-import/legacy-import.command.js';
import type { ImportReport } from '../../../src/key-service/legacy-import/legacy-import.js';
import { Database, openDatabase } from '../../../src/key-service/storage/database.js';
import { migrate } from '../../../src/key-service/storage/migrator.js';
import { eventually } from '../../support/lib/eventually.js';
import { ENGINES, startKeyDatabases, type KeyDatabases } from '../../support/servers/key-databases.js';
import { startTestKeyService, type TestKeyService } from '../../support/systems/key-service.js';

/** The cheapest that bcrypt knows: what is tested is who is compared with what, not how long it takes. */
const COST = 4;

const OLD_TABLE = `create table api_keys (
  key_id varchar(36) primary key, key_hash varchar(255) not null, key_prefix varchar(20) not null,
  user_id varchar(255) not null, name varchar(100) not null, created_at timestamp not null, expires_at timestamp,
  last_used_at timestamp, is_active boolean default true, rate_limit_per_hour integer default 1000,
  allowed_ips text, environment varchar(20) default 'production')`;
const COLUMNS = [
  'key_id',
  'key_hash',
  'key_prefix',
  'user_id',
  'name',
  'created_at',
  'expires_at',
  'is_active',
  'allowed_ips',
];

interface OldKey {
  key: string;
  row: Record<string, string | number | null>;
}

async function oldKey(key: string, more: Record<string, string | number | null> = {}): Promise<OldKey> {
  return {
    key,
    row: {
      key_id: randomUUID(),
      key_hash: await bcrypt.hash(key, COST),
      key_prefix: key.slice(0, 11),
      user_id: 'old-user',
      name: 'old key',
      created_at: '2025-07-01 10:00:00.123456',
      expires_at: null,
      is_active: 1,
      allowed_ips: null,
      ...more,
    },
  };
}

/** Writes the old table into a database, as the earlier system had it. */
async function fillOldTable(url: string, keys: readonly OldKey[]): Promise<void> {
  const values = (row: OldKey['row']): (string | number | null)[] =>
    COLUMNS.map((column) => row[column] ?? null);
  if (url.startsWith('sqlite')) {
    const database = new DatabaseSync(url.slice('sqlite:///'.length));
    database.exec(OLD_TABLE);
    const insert = database.prepare(
      `insert into api_keys (${COLUMNS.join()}) values (${COLUMNS.map(() => '?').join()})`,
    );
    for (const { row } of keys) insert.run(...values(row));
    database.close();
    return;
  }
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(OLD_TABLE);
  const places = COLUMNS.map((column, n) =>
    column === 'is_active' ? `$${n + 1}::int::boolean` : `$${n + 1}`,
  ).join();
  for (const { row } of keys)
    await client.query(`insert into api_keys (${COLUMNS.join()}) values (${places})`, values(row));
  await client.end();
}

describe.each(ENGINES)('keys of the earlier system, imported into %s', (engine) => {
  let databases: KeyDatabases;
  let oldUrl: string;
  let newUrl: string;
  let service: TestKeyService;
  const key = (body: string): string => `hk_live_${body.padEnd(40, 'x')}`;
  let good: OldKey;
  let lasting: OldKey;
  let crowd: OldKey[];

  async function run(...args: string[]): Promise<{ code: number; report: ImportReport; text: string }> {
    let text = '';
    const env = { DATABASE_URL: newUrl, LEGACY_DATABASE_URL: oldUrl };
    const write = (part: string): void => void (text += part);
    const code = await runLegacyImport(['--json', ...args], env, { out: write, err: write });
    return { code, text, report: JSON.parse(text) as ImportReport };
  }

  beforeAll(async () => {
    databases = await startKeyDatabases(engine);
    [oldUrl, newUrl] = [await databases.next(), await databases.next()];
    good = await oldKey(key('abcGOOD'), { allowed_ips: '["10.0.0.0/8"]' });
    lasting = await oldKey(key('defLASTS'), { expires_at: '2099-01-01 00:00:00' });
    crowd = await Promise.all(Array.from({ length: 9 }, (_, n) => oldKey(key(`zzz${n}`))));
    await fillOldTable(oldUrl, [
      good,
      lasting,
      ...crowd,
      await oldKey(key('ghiOFF'), { is_active: 0 }),
      await oldKey(key('jklEXPIRED'), { expires_at: '2025-08-01 00:00:00' }),
      await oldKey(key('mnoPLAIN'), { key_hash: 'not-a-hash' }),
      await oldKey(key('pqrIPS'), { allowed_ips: '["everywhere"]' }),
    ]);
    service = await startTestKeyService({ DATABASE_URL: newUrl });
  });

  afterAll(async () => {
    await service?.close();
    await databases?.close();
  });

  const validate = (apiKey: string) => service.call('POST', '/keys/validate', { api_key: apiKey }, {});
  const stored = async (id: unknown): Promise<string | undefined> =>
    (
      await service.app
        .get(Database)
        .db.selectFrom('api_keys')
        .selectAll()
        .where('id', '=', String(id))
        .execute()
    )[0]?.hash_algorithm;

  it('a dry run says what would be done, row by row, and writes nothing', async () => {
    const { code, report } = await run('--dry-run');
    expect(code).toBe(3);
    expect(report).toMatchObject({ dry_run: true, read: 15, imported: 2, already_imported: 0 });
    const reasons = report.not_imported.map(({ reason }) => reason).sort();
    expect(reasons).toEqual([
      'allowed-ips-invalid',
      'expired',
      'hash-not-bcrypt',
      'inactive',
      ...Array<string>(9).fill('prefix-shared-by-too-many'),
    ]);
    expect((await service.call<{ keys: unknown[] }>('GET', '/keys')).body.keys).toEqual([]);
  });

  it('an import may be repeated, and then finds everything done', async () => {
    expect((await run()).report).toMatchObject({ imported: 2, already_imported: 0 });
    const again = await run();
    expect(again.report).toMatchObject({ imported: 0, already_imported: 2 });
    expect(again.report.not_imported).toHaveLength(13);
    expect(again.text).not.toContain('$2b$');
  });

  it('keys keep id, owner, limits, addresses and their times, which were UTC', async () => {
    const { body } = await service.call('GET', `/keys/${String(good.row['key_id'])}`);
    expect(body).toMatchObject({
      user_id: 'old-user',
      name: 'old key',
      key_prefix: 'hk_live_abc',
      environment: 'production',
      service_id: 'ml-platform',
      rate_limit_per_hour: 1000,
      allowed_ips: ['10.0.0.0/8'],
      created_at: '2025-07-01T10:00:00.123Z',
    });
    expect((await service.call('GET', `/keys/${String(lasting.row['key_id'])}`)).body['expires_at']).toBe(
      '2099-01-01T00:00:00.000Z',
    );
  });

  it('keys go on working, and are stored as new ones from their first use on', async () => {
    expect(await stored(good.row['key_id'])).toBe('bcrypt');
    const answers = await Promise.all(Array.from({ length: 10 }, () => validate(good.key)));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    expect(answers[0]?.body).toMatchObject({
      key_id: good.row['key_id'],
      scopes: expect.any(Array) as unknown,
    });
    await eventually(async () => (await stored(good.row['key_id'])) === 'hmac-sha256');
    expect((await validate(good.key)).status).toBe(200);
  });

  it('a wrong key with a known prefix is refused, and changes nothing', async () => {
    expect((await validate(key('defWRONG'))).status).toBe(401);
    expect(await stored(lasting.row['key_id'])).toBe('bcrypt');
    expect((await validate(crowd[0]?.key ?? '')).status).toBe(401);
  });

  it('imports are audited, and the chain holds', async () => {
    const { db } = service.app.get(Database);
    const rows = await db.selectFrom('audit_log').selectAll().where('action', '=', 'key.imported').execute();
    expect(rows.map((row) => row.key_id).sort()).toEqual(
      [good, lasting].map(({ row }) => row['key_id']).sort(),
    );
    expect((await service.call('GET', '/audit/verify')).body).toMatchObject({ valid: true });
  });
});

describe.each(ENGINES)('an import into an empty database of %s', (engine) => {
  let databases: KeyDatabases;
  let oldUrl: string;
  let newUrl: string;
  const ROWS = 120;

  beforeAll(async () => {
    databases = await startKeyDatabases(engine);
    [oldUrl, newUrl] = [await databases.next(), await databases.next()];
    const keys = await Promise.all(
      Array.from({ length: ROWS }, (_, n) =>
        oldKey(`hk_live_${String(n).padStart(3, '0')}${'x'.repeat(29)}`),
      ),
    );
    const first = keys[0]?.row['key_hash'] ?? null;
    await fillOldTable(oldUrl, [...keys, await oldKey(`hk_live_copy${'x'.repeat(28)}`, { key_hash: first })]);
  });

  afterAll(() => databases?.close());

  async function run(...args: string[]): Promise<{ code: number; text: string }> {
    let text = '';
    const write = (part: string): void => void (text += part);
    const env = { DATABASE_URL: newUrl, LEGACY_DATABASE_URL: oldUrl };
    return { code: await runLegacyImport(['--json', ...args], env, { out: write, err: write }), text };
  }

  async function query(statement: string): Promise<Record<string, unknown>[]> {
    const database = openDatabase({ url: newUrl, poolSize: 1, timeoutMs: 5000 });
    try {
      return (await sql.raw<Record<string, unknown>>(statement).execute(database.db)).rows;
    } finally {
      await database.close();
    }
  }

  it('makes no tables in a dry run', async () => {
    const { code, text } = await run('--dry-run');
    expect(code).toBe(3);
    expect(JSON.parse(text)).toMatchObject({
      imported: ROWS,
      not_imported: [{ reason: 'hash-of-another-key' }],
    });
    if (engine === 'sqlite') expect(existsSync(newUrl.slice('sqlite:///'.length))).toBe(false);
    else expect(await query("select 1 from pg_tables where schemaname = 'public'")).toEqual([]);
  });

  it('takes up again where it was interrupted, and every key is there once with its audit entry', async () => {
    await migrate({ url: newUrl, poolSize: 1, timeoutMs: 5000 }, 'up');
    const poison = "new.key_prefix = 'hk_live_090'";
    await query(
      engine === 'sqlite'
        ? `create trigger stop before insert on api_keys when ${poison} begin select raise(abort, 'stop'); end`
        : `create function stop() returns trigger language plpgsql as
           $$ begin if ${poison} then raise exception 'stop'; end if; return new; end $$;
           create trigger stop before insert on api_keys for each row execute function stop()`,
    );
    expect(await run()).toMatchObject({ code: 1, text: expect.stringContaining('stop') as string });
    await query(engine === 'sqlite' ? 'drop trigger stop' : 'drop trigger stop on api_keys');
    const { code, text } = await run();
    expect(code).toBe(3);
    expect(JSON.parse(text)).toMatchObject({ imported: 70, already_imported: 50 });
    expect(await query('select 1 from api_keys')).toHaveLength(ROWS);
    expect(await query('select distinct key_id from audit_log')).toHaveLength(ROWS);
    expect(await query('select 1 from audit_log')).toHaveLength(ROWS);
  });
});

it.each([
  [['--from', 'mysql://x'], 2, 'sqlite:///'],
  [['--nonsense'], 2, 'Usage'],
  [['--help'], 0, 'Exit codes'],
  [['--from', 'sqlite:////nowhere/at/all.sqlite'], 1, 'does not exist'],
])('the import command %j ends with %i and says why', async (args, code, words) => {
  let text = '';
  const write = (part: string): void => void (text += part);
  expect(await runLegacyImport(args, {}, { out: write, err: write })).toBe(code);
  expect(text).toContain(words);
});
