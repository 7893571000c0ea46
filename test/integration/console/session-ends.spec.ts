import { openDatabase } from '../../../src/key-service/storage/database.js';
import { ENGINES, startKeyDatabases, type KeyDatabases } from '../../support/servers/key-databases.js';
import { startTestKeyService, type TestKeyService } from '../../support/systems/key-service.js';
import { ManualClock } from '../../support/lib/manual-clock.js';
import { ask, BO, CONSOLE_ENV, post, signIn } from './console-client.js';

const HOUR_MS = 3_600_000;

describe.each(ENGINES)('the end of a session of the console, on %s', (engine) => {
  const clock = new ManualClock();
  let databases: KeyDatabases;
  let url: string;
  let service: TestKeyService | undefined;
  beforeAll(async () => {
    databases = await startKeyDatabases(engine);
  });
  beforeEach(async () => {
    url = await databases.next();
    service = await start();
  });
  afterEach(() => service?.close());
  afterAll(() => databases?.close());

  const start = (env: Record<string, string> = {}): Promise<TestKeyService> =>
    startTestKeyService({ DATABASE_URL: url, ...CONSOLE_ENV, ...env }, { clock });
  async function restart(env: Record<string, string> = {}): Promise<void> {
    await service?.close();
    service = undefined;
    service = await start(env);
  }
  const statusWith = async (cookie: string, at = service): Promise<number> =>
    (await ask(`${at?.url}/console/keys`, { headers: { cookie } })).status;
  const signOut = (cookie: string) => post(`${service?.url}/console/sign-out`, {}, { cookie });

  it('28: a sign-out ends it for copies of the cookie too, and after a restart', async () => {
    const cookie = await signIn(service?.url ?? '');
    const other = await signIn(service?.url ?? '');
    expect(await statusWith(cookie)).toBe(200);
    const { headers } = await signOut(cookie);
    expect(headers['set-cookie']?.[0]).toMatch(/^keys_session=; .*Max-Age=0/);
    expect([await statusWith(cookie), await statusWith(other)]).toEqual([303, 200]);
    await signOut(cookie);
    await restart();
    expect([await statusWith(cookie), await statusWith(other)]).toEqual([303, 200]);
  });

  if (engine === 'postgres')
    it('28: a sign-out at one replica ends it at the others', async () => {
      const replica = await start();
      try {
        const cookie = await signIn(service?.url ?? '');
        expect(await statusWith(cookie, replica)).toBe(200);
        await signOut(cookie);
        expect(await statusWith(cookie, replica)).toBe(303);
      } finally {
        await replica.close();
      }
    });

  it('28: an admin token that is taken away ends its sessions, and no others', async () => {
    const [ana, bo] = [await signIn(service?.url ?? ''), await signIn(service?.url ?? '', BO)];
    await restart({ HOKUSAI_ADMIN_TOKEN: `bo:${BO}` });
    expect([await statusWith(ana), await statusWith(bo)]).toEqual([303, 200]);
  });

  it('secrets are replaced one after the other: sessions go on while theirs is in the list', async () => {
    const cookie = await signIn(service?.url ?? '');
    const replaced = 'another-secret-of-the-console-of-the-tests';
    await restart({ CONSOLE_SESSION_SECRETS: `${replaced},${CONSOLE_ENV.CONSOLE_SESSION_SECRETS}` });
    expect(await statusWith(cookie)).toBe(200);
    await restart({ CONSOLE_SESSION_SECRETS: replaced });
    expect(await statusWith(cookie)).toBe(303);
  });

  it('eight hours end it, and what was noted of it is removed then', async () => {
    const [cookie, other] = [await signIn(service?.url ?? ''), await signIn(service?.url ?? '')];
    await signOut(cookie);
    clock.advance(8 * HOUR_MS - 1000);
    expect(await statusWith(other)).toBe(200);
    const later = await signIn(service?.url ?? '');
    clock.advance(1000);
    expect(await statusWith(other)).toBe(303);
    await signOut(later);
    await service?.close();
    service = undefined;
    const database = openDatabase({ url, poolSize: 1, timeoutMs: 5000 });
    try {
      expect(await database.db.selectFrom('ended_console_sessions').selectAll().execute()).toHaveLength(1);
    } finally {
      await database.close();
    }
  });

  it('a session is not ended where storage does not take it: the answer says so, and the cookie stays', async () => {
    const cookie = await signIn(service?.url ?? '');
    const database = openDatabase({ url, poolSize: 1, timeoutMs: 5000 });
    try {
      await database.db.schema.dropTable('ended_console_sessions').execute();
      const { status, headers } = await signOut(cookie);
      expect([status >= 500, headers['set-cookie']]).toEqual([true, undefined]);
    } finally {
      await database.close();
    }
  });
});
