import { sql } from 'kysely';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { Database } from '../../../src/key-service/storage/database.js';
import { startProgram, type ChildProgram } from '../../support/programs/child-program.js';
import { eventually } from '../../support/lib/eventually.js';
import { freePort } from '../../support/programs/free-port.js';
import { startKeyDatabases, type KeyDatabases } from '../../support/servers/key-databases.js';
import {
  callJson,
  startTestKeyService,
  TEST_ADMIN_TOKEN,
  TEST_PEPPER,
  type TestKeyService,
} from '../../support/systems/key-service.js';
import { ManualClock } from '../../support/lib/manual-clock.js';

const PROGRAM = join(process.cwd(), 'dist/key-service/main.js');
/** Small enough to be reached soon, large enough for the tables and some keys. */
const LARGEST_FILE_KIB = 400;

describe('a SQLite database', () => {
  const clock = new ManualClock(Date.now());
  let databases: KeyDatabases;
  let url: string;
  let service: TestKeyService;
  let apiKey: string;

  beforeAll(async () => {
    databases = await startKeyDatabases('sqlite');
  });
  afterAll(() => databases?.close());

  beforeEach(async () => {
    url = await databases.next();
    service = await startTestKeyService({ DATABASE_URL: url }, { clock });
    apiKey = String(
      (await service.call('POST', '/keys', { name: 'n', service_id: 'ml-platform' })).body['api_key'],
    );
  });
  afterEach(() => service.close());

  const create = async (): Promise<number> =>
    (await service.call('POST', '/keys', { name: 'n', service_id: 'ml-platform' })).status;
  const validate = async (): Promise<number> =>
    (await service.call('POST', '/keys/validate', { api_key: apiKey }, {})).status;
  /** Asked again: the last answer is kept for a second. */
  async function ready(): Promise<number> {
    clock.advance(1000);
    return (await fetch(`${service.url}/health/ready`)).status;
  }

  it('that another process has locked delays no validation; writes are 503 after two seconds, and readiness too', async () => {
    const other = new DatabaseSync(url.slice('sqlite:///'.length));
    other.exec('begin immediate');
    try {
      let writing = true;
      const created = create().finally(() => (writing = false));
      let validated = 0;
      for (; writing; validated++, await delay(20)) expect(await validate()).toBe(200);
      expect(await created).toBe(503);
      expect(validated).toBeGreaterThan(20);
      expect(await ready()).toBe(503);
      const startMs = performance.now();
      expect(await create()).toBe(503);
      // Whoever comes later does not wait once more.
      expect(performance.now() - startMs).toBeLessThan(1000);
      expect(service.logs.of('internal_error')).toEqual([]);
    } finally {
      other.close();
    }
    expect(await create()).toBe(201);
    expect(await ready()).toBe(200);
  });

  it('that is read-only still validates; writes are 503, and readiness too', async () => {
    const { db } = service.app.get(Database);
    await sql`pragma query_only = on`.execute(db);
    expect([await validate(), await create(), await ready()]).toEqual([200, 503, 503]);
    await sql`pragma query_only = off`.execute(db);
    expect([await create(), await ready()]).toEqual([201, 200]);
  });

  it('is one key service’s: a second one is refused in a sentence, and may have it afterwards', async () => {
    const second = startTestKeyService({ DATABASE_URL: url });
    await expect(second).rejects.toThrow(
      /^Another key service uses the SQLite database of DATABASE_URL: .*\.$/,
    );
    expect(await create()).toBe(201);
    await service.close();
    service = await startTestKeyService({ DATABASE_URL: url }, { clock });
    expect(await validate()).toBe(200);
  });
});

describe('a SQLite database on a full disk', () => {
  let databases: KeyDatabases;
  let program: ChildProgram | undefined;

  beforeAll(async () => {
    databases = await startKeyDatabases('sqlite');
  });
  afterAll(async () => {
    await program?.stop();
    await databases?.close();
  });

  it('still validates; writes are 503 and never 500, and readiness too', async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    // No file of the process may grow beyond this, which is what a full disk is to it.
    program = startProgram(
      'bash',
      ['-c', `trap '' XFSZ; ulimit -f ${LARGEST_FILE_KIB}; exec "$0" "$1"`, process.execPath, PROGRAM],
      {
        env: {
          DATABASE_URL: await databases.next(),
          HOST: '127.0.0.1',
          PORT: String(port),
          HOKUSAI_ADMIN_TOKEN: TEST_ADMIN_TOKEN,
          KEY_PEPPER: TEST_PEPPER,
          DRAIN_DELAY_SECONDS: '0',
        },
      },
    );
    const ready = async (): Promise<number> => (await fetch(`${url}/health/ready`)).status;
    await eventually(async () => (await ready()) === 200, { program, timeoutMs: 30_000 });
    const create = () =>
      callJson(`${url}/api/v1/keys`, 'POST', { name: 'x'.repeat(200), service_id: 'ml-platform' });
    const first = await create();
    expect(first.status).toBe(201);
    let status = 201;
    for (let n = 0; n < 1000 && status === 201; n++) ({ status } = await create());
    expect(status).toBe(503);
    const api_key = first.body['api_key'];
    for (let n = 0; n < 5; n++)
      expect((await callJson(`${url}/api/v1/keys/validate`, 'POST', { api_key }, {})).status).toBe(200);
    await eventually(async () => (await ready()) === 503);
    expect(program.output()).not.toContain('internal_error');
  });
});
