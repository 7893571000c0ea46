import { join } from 'node:path';
import pg from 'pg';
import type { AuditVerification } from '../../src/contracts/admin/audit.js';
import type { CreateKeyResponse } from '../../src/contracts/keys/key-management.js';
import { isRunning, startProgram, type ChildProgram } from '../support/programs/child-program.js';
import { eventually, START_INTERVAL_MS } from '../support/lib/eventually.js';
import { freePort } from '../support/programs/free-port.js';
import { packedPrograms } from '../support/programs/packed-programs.js';
import { callJson, TEST_ADMIN_TOKEN, TEST_PEPPER } from '../support/systems/key-service.js';
import { startPostgresServer, type PostgresServer } from '../support/servers/postgres-server.js';

const ROUNDS = 30;

describe('the key service while PostgreSQL cuts its connections', () => {
  let server: PostgresServer;
  let admin: pg.Client;
  let program: ChildProgram;
  let url: string;

  beforeAll(async () => {
    server = await startPostgresServer();
    const database = await server.newDatabase();
    admin = new pg.Client({ connectionString: database });
    await admin.connect();
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    program = startProgram(process.execPath, [join(await packedPrograms(), 'key-service/main.js')], {
      env: {
        DATABASE_URL: database,
        DATABASE_TIMEOUT_MS: '1000',
        HOST: '127.0.0.1',
        PORT: String(port),
        HOKUSAI_ADMIN_TOKEN: TEST_ADMIN_TOKEN,
        KEY_PEPPER: TEST_PEPPER,
        LOG_LEVEL: 'error',
      },
    });
    await eventually(async () => (await fetch(`${url}/health/ready`)).ok, {
      timeoutMs: 30_000,
      intervalMs: START_INTERVAL_MS,
    });
  });

  afterAll(async () => {
    await program?.stop('SIGKILL');
    await admin?.end();
    await server?.close();
  });

  it('answers 503 for what was cut, goes on with the same process, and loses nothing that it acknowledged', async () => {
    let cutting = true;
    const acknowledged: string[] = [];
    const statuses = new Set<number>();
    const work = async (): Promise<void> => {
      while (cutting) {
        const { status, body } = await callJson<CreateKeyResponse>(`${url}/api/v1/keys`, 'POST', {
          name: 'k',
          service_id: 'ml-platform',
        });
        statuses.add(status);
        if (status === 201) acknowledged.push(body.key_id);
      }
    };
    const workers = Promise.all(Array.from({ length: 6 }, work));
    for (let round = 0; round < ROUNDS && isRunning(program.pid); round++) {
      await admin.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'mlflow-key-service'`,
      );
      const before = acknowledged.length;
      // It works again between two cuts.
      await eventually(() => acknowledged.length > before + 10 || !isRunning(program.pid), {
        timeoutMs: 10_000,
        intervalMs: 2,
      });
    }
    cutting = false;
    await workers.catch(() => {});
    expect({ running: isRunning(program.pid), output: program.output() }).toEqual({
      running: true,
      output: '',
    });
    expect([...statuses].filter((status) => status !== 201 && status !== 503)).toEqual([]);
    const { rows } = await admin.query<{ id: string }>('select id from api_keys');
    const stored = new Set(rows.map(({ id }) => id));
    expect(acknowledged.length).toBeGreaterThan(0);
    expect(acknowledged.filter((id) => !stored.has(id))).toEqual([]);
    const verified = await callJson<AuditVerification>(`${url}/api/v1/audit/verify`, 'GET');
    expect(verified.body).toMatchObject({ valid: true, entries: stored.size });
  }, 60_000);
});
