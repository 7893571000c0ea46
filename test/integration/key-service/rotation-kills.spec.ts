import { readdirSync, readFileSync } from 'node:fs';
import type {
  CreateKeyResponse,
  KeyResource,
  ListKeysResponse,
} from '../../../src/contracts/keys/key-management.js';
import type { RotationDeliveriesResponse } from '../../../src/contracts/keys/rotation-policies.js';
import { eventually } from '../../support/lib/eventually.js';
import { freePort } from '../../support/programs/free-port.js';
import { ENGINES, startKeyDatabases, type KeyDatabases } from '../../support/servers/key-databases.js';
import { seededRandom } from '../../support/lib/random.js';
import {
  sendJson,
  startRecordingUpstream,
  type RecordingUpstream,
} from '../../support/servers/recording-upstream.js';
import {
  leasesRunOut,
  oldKeys,
  outsideDatabase,
  rotateOldKeys,
  startRotationProcess,
  type OutsideDatabase,
  type RotationProcess,
} from './rotation-processes.js';
import { messagesOf } from './rotation-service.js';

describe.each(ENGINES)('kill -9 during an automatic rotation on %s', (engine) => {
  let databases: KeyDatabases;
  let databaseUrl: string;
  let database: OutsideDatabase;
  let receiver: RecordingUpstream;
  let running: RotationProcess[] = [];

  beforeAll(async () => {
    databases = await startKeyDatabases(engine);
  });
  beforeEach(async () => {
    databaseUrl = await databases.next();
    database = outsideDatabase(databaseUrl);
    receiver = await startRecordingUpstream();
  });
  afterEach(async () => {
    await Promise.all(running.map(({ program }) => program.stop('SIGKILL')));
    running = [];
    await receiver.close();
  });
  afterAll(() => databases?.close());

  const start = async (to: Pick<RecordingUpstream, 'url'> = receiver): Promise<RotationProcess> => {
    const started = await startRotationProcess(databaseUrl, to);
    running.push(started);
    return started;
  };
  const kill = ({ program }: RotationProcess): Promise<unknown> => program.stop('SIGKILL');
  const open = async (): Promise<number> =>
    (await database.rows('select id from key_rotations where outcome is null')).length;

  /** Each key has one successor, which was handed over and is valid. */
  async function requireRotated(service: RotationProcess, keys: readonly CreateKeyResponse[]): Promise<void> {
    await eventually(
      async () => {
        const { body } = await service.call<RotationDeliveriesResponse>('GET', '/rotation-deliveries');
        const { body: list } = await service.call<ListKeysResponse>('GET', '/keys?status=rotated');
        return body.total === 0 && list.total === keys.length;
      },
      { timeoutMs: 30_000, what: 'every key to be rotated', program: service.program },
    );
    const { body } = await service.call<ListKeysResponse>('GET', '/keys?limit=200');
    expect(body.keys).toHaveLength(2 * keys.length);
    const messages = messagesOf(receiver);
    for (const { key_id: id } of keys) {
      const own = messages.filter(({ data }) => data.old_key_id === id);
      expect(new Set(own.map((one) => `${one.id} ${one.data.key_id} ${one.data.api_key}`)).size).toBe(1);
      const { body: old } = await service.call<KeyResource>('GET', `/keys/${id}`);
      expect(old).toMatchObject({ rotated_to_id: own[0]?.data.key_id, is_active: true });
      const asked = { api_key: own[0]?.data.api_key, service_id: 'ml-platform' };
      const validated = await service.call('POST', '/keys/validate', asked, {});
      expect(validated.status).toBe(200);
    }
    expect((await service.call('GET', '/audit/verify')).body).toMatchObject({ valid: true });
    expect(await database.rows('select id from key_rotations where sealed is not null')).toEqual([]);
  }

  /** What follows the shown prefix stands neither in the database nor in a log; ends all processes. */
  async function requireUnwritten(): Promise<void> {
    const apiKeys = messagesOf(receiver).map(({ data }) => data.api_key);
    await Promise.all(running.map(({ program }) => program.stop('SIGTERM')));
    const stored = await database.contents();
    const logs = running.map(({ program }) => program.output()).join('\n');
    expect(logs).toContain('"event":"stopped"');
    expect(stored).toContain(apiKeys[0]?.slice(0, 12));
    for (const apiKey of apiKeys) {
      expect(stored).not.toContain(apiKey.slice(12));
      expect(logs).not.toContain(apiKey.slice(12));
    }
  }

  it('after the successor was made: the next process hands the same one over', async () => {
    const nobody = { url: `http://127.0.0.1:${await freePort()}` };
    const first = await start(nobody);
    const keys = await oldKeys(first, database, 1);
    await rotateOldKeys(first);
    await eventually(async () => (await open()) === 1);
    await kill(first);
    const [made] = await database.rows<{ id: string; successor_id: string }>('select * from key_rotations');
    await leasesRunOut(database);
    await requireRotated(await start(), keys);
    await requireUnwritten();
    expect(messagesOf(receiver)).toMatchObject([{ id: made?.id, data: { key_id: made?.successor_id } }]);
  });

  it('while the receiver has it and has not answered: it comes again under the same id', async () => {
    const first = await start();
    const keys = await oldKeys(first, database, 1);
    let killed: Promise<unknown> | undefined;
    receiver.answer(() => void (killed = kill(first)));
    await rotateOldKeys(first);
    await eventually(() => killed !== undefined);
    await killed;
    receiver.answer((_request, response) => sendJson(response, 200, {}));
    const [old] = await database.rows<KeyResource>('select * from api_keys where rotated_from_id is null');
    expect(old).toMatchObject({ rotated_to_id: null, expires_at: null });
    await leasesRunOut(database);
    await requireRotated(await start(), keys);
    await requireUnwritten();
    expect(messagesOf(receiver)).toHaveLength(2);
  });

  it('after the receiver has taken it and before that is noted: it comes again under the same id', async () => {
    const first = await start();
    const keys = await oldKeys(first, database, 1);
    let taken: Promise<void> | undefined;
    receiver.answer(async (_request, response) => {
      const release = await database.hold();
      taken = new Promise<void>((resolve) => response.once('close', resolve))
        .then(() => kill(first))
        .then(release);
      sendJson(response, 200, {}, { connection: 'close' });
    });
    await rotateOldKeys(first);
    await eventually(() => taken !== undefined);
    await taken;
    expect(await open()).toBe(1);
    receiver.answer((_request, response) => sendJson(response, 200, {}));
    await leasesRunOut(database);
    await requireRotated(await start(), keys);
    await requireUnwritten();
    expect(messagesOf(receiver)).toHaveLength(2);
  });

  it('after it was noted: nothing comes again', async () => {
    const first = await start();
    const keys = await oldKeys(first, database, 1);
    await rotateOldKeys(first);
    await eventually(async () => receiver.requests.length === 1 && (await open()) === 0);
    await kill(first);
    const second = await start();
    await requireRotated(second, keys);
    await second.call('PATCH', `/rotation-policies/${await policyId(second)}`, { max_age_days: 31 });
    await requireRotated(second, keys);
    expect(messagesOf(receiver)).toHaveLength(1);
    await requireUnwritten();
  });

  it('at any message, again and again: every key gets one successor, and none is lost', async () => {
    const random = seededRandom(17);
    const first = await start();
    const keys = await oldKeys(first, database, 12);
    let victim = first;
    let due = 0;
    let kills: Promise<unknown>[] = [];
    receiver.answer((_request, response) => {
      const dies = due-- === 0;
      // Before the answer, or with it on its way.
      if (dies && random() < 0.5) return void kills.push(kill(victim));
      sendJson(response, 200, {});
      if (dies) kills.push(kill(victim));
    });
    for (let round = 0; round < 6; round++) {
      due = Math.floor(random() * 4);
      kills = [];
      // On PostgreSQL there is always another one beside it. A kill during a start has hit the process before it.
      if (engine === 'postgres' || victim.program.isOver()) victim = await start();
      if (round === 0) await rotateOldKeys(victim);
      await eventually(async () => kills.length > 0 || (round > 0 && (await open()) === 0), {
        timeoutMs: 30_000,
      });
      await Promise.all(kills);
      if ((await open()) === 0) break;
      await leasesRunOut(database);
    }
    due = -1;
    await leasesRunOut(database);
    const alive = running.find(({ program }) => !program.isOver());
    await requireRotated(alive ?? (await start()), keys);
    await requireUnwritten();
  });

  it('the key stands in no list of processes while it is handed over', async () => {
    let listed: string | undefined;
    receiver.answer(({ body }, response) => {
      const { data } = JSON.parse(body.toString()) as { data: { api_key: string } };
      listed = processesWith(data.api_key.slice(12));
      sendJson(response, 200, {});
    });
    const service = await start();
    const keys = await oldKeys(service, database, 1);
    await rotateOldKeys(service);
    await requireRotated(service, keys);
    expect(listed).toBe('');
    // What is looked for is found where it is.
    expect(processesWith('dist/key-service/main.js')).not.toBe('');
    await requireUnwritten();
  });

  const policyId = async (service: RotationProcess): Promise<string> =>
    (await service.call<{ policies: { policy_id: string }[] }>('GET', '/rotation-policies')).body.policies[0]
      ?.policy_id ?? '';
});

/** Ids of processes with a text among their arguments or variables. */
function processesWith(text: string): string {
  const found = readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    return ['cmdline', 'environ'].some((name) => {
      try {
        return readFileSync(`/proc/${pid}/${name}`, 'latin1').includes(text);
      } catch {
        return false;
      }
    });
  });
  return found.join(' ');
}
