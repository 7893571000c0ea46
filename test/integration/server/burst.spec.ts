import { join } from 'node:path';
import { Pool } from 'undici';
import { startProgram, type ChildProgram } from '../../support/child-program.js';
import { eventually } from '../../support/eventually.js';
import { startFakeAuthService, type FakeAuthService } from '../../support/fake-auth-service.js';
import { freePort } from '../../support/free-port.js';
import { startRecordingUpstream, type RecordingUpstream } from '../../support/recording-upstream.js';

const KEY = 'hk_test_0123456789abcdef0123456789abcdef';
const CLIENTS = 256;
const REQUESTS_EACH = 60;
/** Collections of the young generation that are looked at: after the first ones have grown it. */
const LAST = 5;
const MIB = 1024 * 1024;

describe('a burst of clients', () => {
  let upstream: RecordingUpstream;
  let auth: FakeAuthService;
  let gateway: ChildProgram;
  let clients: Pool;

  beforeAll(async () => {
    upstream = await startRecordingUpstream();
    auth = await startFakeAuthService();
    auth.know(KEY);
    const port = await freePort();
    const main = join(import.meta.dirname, '../../../dist/gateway/main.js');
    gateway = startProgram(process.execPath, ['--trace-gc', '--trace-gc-nvp', main], {
      env: {
        HOST: '127.0.0.1',
        PORT: String(port),
        MLFLOW_SERVER_URL: upstream.url,
        HOKUSAI_AUTH_SERVICE_URL: auth.url,
        RATE_LIMIT_PER_HOUR: '1000000',
        RATE_LIMIT_BURST: '1000000',
        DRAIN_DELAY_SECONDS: '0',
      },
    });
    clients = new Pool(`http://127.0.0.1:${port}`, { connections: CLIENTS });
    await eventually(async () => (await fetch(`http://127.0.0.1:${port}/health/ready`)).ok, {
      timeoutMs: 20_000,
    });
  }, 30_000);
  afterAll(async () => {
    await clients.close();
    await gateway.stop('SIGKILL');
    await auth.close();
    await upstream.close();
  });

  it('does not make V8 take requests for long-lived: they are collected while young', async () => {
    const ask = async (): Promise<void> => {
      for (let asked = 0; asked < REQUESTS_EACH; asked += 1) {
        const { statusCode, body } = await clients.request({
          method: 'GET',
          path: '/api/mlflow/api/2.0/mlflow/experiments/search?max_results=1',
          headers: { authorization: `Bearer ${KEY}` },
        });
        await body.dump();
        expect(statusCode).toBe(200);
      }
    };
    await Promise.all(Array.from({ length: CLIENTS }, ask));
    const promoted = [...gateway.output().matchAll(/gc=s .* promoted=(\d+) /g)].map(([, bytes]) =>
      Number(bytes),
    );
    expect(promoted.length).toBeGreaterThan(LAST);
    expect(promoted.slice(-LAST).sort((a, b) => a - b)[LAST >> 1]).toBeLessThan(MIB);
  }, 60_000);
});
