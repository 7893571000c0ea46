import { join } from 'node:path';
import type { AuditVerification } from '../../src/contracts/admin/audit.js';
import type {
  CreateKeyResponse,
  KeyResource,
  ListKeysResponse,
} from '../../src/contracts/keys/key-management.js';
import { startProgram, type ChildProgram } from '../support/programs/child-program.js';
import { eventually, START_INTERVAL_MS } from '../support/lib/eventually.js';
import { freePort } from '../support/programs/free-port.js';
import { isFullRun } from '../support/run/full-run.js';
import { ENGINES, startKeyDatabases, type KeyDatabases } from '../support/servers/key-databases.js';
import { callJson, TEST_ADMIN_TOKEN, TEST_PEPPER } from '../support/systems/key-service.js';
import { packedPrograms } from '../support/programs/packed-programs.js';

/** Creations and revocations of one engine. What they must survive is each kill, so a few hundred before each do. */
const OPERATIONS = isFullRun ? 10_000 : 1000;
const KILLS = 4;
const CONCURRENCY = 8;

interface Acknowledged {
  created: Set<string>;
  revoked: Set<string>;
  /** Asked for, with the answer lost: may or may not have happened. */
  unknown: Set<string>;
  operations: number;
}

describe.each(ENGINES)('kill -9 of the key service on %s', (engine) => {
  let databases: KeyDatabases;
  let env: Record<string, string>;
  let url: string;
  let main: string;
  let program: ChildProgram | undefined;

  beforeAll(async () => {
    main = join(await packedPrograms(), 'key-service/main.js');
    databases = await startKeyDatabases(engine);
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    env = {
      DATABASE_URL: await databases.next(),
      HOST: '127.0.0.1',
      PORT: String(port),
      HOKUSAI_ADMIN_TOKEN: TEST_ADMIN_TOKEN,
      KEY_PEPPER: TEST_PEPPER,
      LOG_LEVEL: 'error',
    };
  });

  afterAll(async () => {
    await program?.stop('SIGKILL');
    await databases?.close();
  });

  async function start(): Promise<void> {
    const started = (program = startProgram(process.execPath, [main], { env }));
    const ended = started.exited.then((code) => {
      throw new Error(`the key service ended with ${code}: ${started.output()}`);
    });
    const answers = eventually(async () => (await fetch(`${url}/health/ready`)).ok, {
      timeoutMs: 30_000,
      intervalMs: START_INTERVAL_MS,
      what: 'the key service answering',
    });
    await Promise.race([answers, ended]);
  }

  /** Creates and revokes keys until the service is gone. */
  async function work(seen: Acknowledged): Promise<never> {
    for (;;) {
      const created = await callJson<CreateKeyResponse>(`${url}/api/v1/keys`, 'POST', {
        name: 'k',
        service_id: 'ml-platform',
      });
      expect(created.status).toBe(201);
      const { key_id: id } = created.body;
      seen.created.add(id);
      seen.operations++;
      seen.unknown.add(id);
      const revoked = await callJson(`${url}/api/v1/keys/${id}`, 'DELETE');
      expect(revoked.status).toBe(204);
      seen.unknown.delete(id);
      seen.revoked.add(id);
      seen.operations++;
    }
  }

  async function allKeys(): Promise<Map<string, KeyResource>> {
    const keys = new Map<string, KeyResource>();
    let cursor = '';
    do {
      const { body } = await callJson<ListKeysResponse>(`${url}/api/v1/keys?limit=200${cursor}`, 'GET');
      for (const key of body.keys) keys.set(key.key_id, key);
      cursor = body.next_cursor === null ? '' : `&cursor=${body.next_cursor}`;
    } while (cursor !== '');
    return keys;
  }

  it(`loses no acknowledged operation of ${OPERATIONS}, and the audit chain verifies`, async () => {
    const seen: Acknowledged = { created: new Set(), revoked: new Set(), unknown: new Set(), operations: 0 };
    for (let kill = 0; kill < KILLS; kill++) {
      await start();
      const target = Math.floor((OPERATIONS * (kill + 1)) / KILLS);
      // Workers go on until the service is gone under them; errors of the connection are what is asked for.
      const workers = Array.from({ length: CONCURRENCY }, () => work(seen).catch(connectionErrors));
      await eventually(() => seen.operations >= target, { timeoutMs: 600_000, intervalMs: 1 });
      await program?.stop('SIGKILL');
      await Promise.all(workers);
    }
    await start();
    const keys = await allKeys();
    expect([...seen.created].filter((id) => !keys.has(id))).toEqual([]);
    expect([...seen.revoked].filter((id) => keys.get(id)?.is_active !== false)).toEqual([]);
    const stillUsable = [...seen.created].filter((id) => !seen.revoked.has(id) && !seen.unknown.has(id));
    expect(stillUsable.filter((id) => keys.get(id)?.is_active !== true)).toEqual([]);
    expect(seen.operations).toBeGreaterThanOrEqual(OPERATIONS);

    const verified = await callJson<AuditVerification>(`${url}/api/v1/audit/verify`, 'GET');
    const revocations = [...keys.values()].filter((key) => key.revoked_at !== null).length;
    // One entry for each key that is there and one for each revocation: none without its operation, none lost.
    expect(verified.body).toMatchObject({ valid: true, entries: keys.size + revocations });
  }, 900_000);
});

/** Rethrows anything but a broken connection. */
function connectionErrors(error: unknown): void {
  if (!/fetch failed|terminated|other side closed|ECONN/.test(String(error))) throw error;
}
