import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as pause } from 'node:timers/promises';
import { buildIfStale } from '../../../scripts/start/build.ts';
import { startProgram, type ChildProgram } from '../../support/programs/child-program.js';
import { eventually, START_INTERVAL_MS } from '../../support/lib/eventually.js';
import { freePort } from '../../support/programs/free-port.js';
import { packedPrograms } from '../../support/programs/packed-programs.js';
import { startTestGateway, type TestGateway } from '../../support/systems/gateway.js';
import { callJson } from '../../support/systems/key-service.js';
import { startRecordingUpstream, type RecordingUpstream } from '../../support/servers/recording-upstream.js';
import { tempDir } from '../../support/lib/temp-dir.js';
import { metricsOf } from '../../support/lib/metrics.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');
/** Of this file alone: the last test looks for them in the whole machine's list of processes. */
const ADMIN_TOKEN = randomBytes(24).toString('hex');
const PEPPER = randomBytes(24).toString('hex');
const AUTH_TIMEOUT_MS = 500;
const WORKERS = 8;

interface Use {
  status: number;
  tookMs: number;
}

/** The key service as a program of its own, so that it can be frozen and killed. */
describe('a gateway under load while the key service fails', () => {
  let dir: Awaited<ReturnType<typeof tempDir>>;
  let upstream: RecordingUpstream;
  let gateway: TestGateway;
  let service: ChildProgram;
  let serviceUrl: string;
  let keys: string[];

  const startService = async (): Promise<void> => {
    service = startProgram(process.execPath, [join(await packedPrograms(), 'key-service/main.js')], {
      env: {
        HOST: '127.0.0.1',
        PORT: new URL(serviceUrl).port,
        DATABASE_URL: `sqlite:///${join(dir.path, 'keys.sqlite')}`,
        HOKUSAI_ADMIN_TOKEN: ADMIN_TOKEN,
        KEY_PEPPER: PEPPER,
      },
    });
    await eventually(async () => (await fetch(`${serviceUrl}/health/ready`)).ok, {
      timeoutMs: 30_000,
      intervalMs: START_INTERVAL_MS,
    });
  };
  const newKey = async (): Promise<string> => {
    const wanted = { name: 'a test', service_id: 'ml-platform' };
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
    const created = await callJson<{ api_key: string }>(`${serviceUrl}/api/v1/keys`, 'POST', wanted, headers);
    expect(created.status).toBe(201);
    return created.body.api_key;
  };
  const use = async (key: string): Promise<Use> => {
    const startedAt = performance.now();
    const response = await fetch(`${gateway.url}/mlflow/x`, { headers: { authorization: `Bearer ${key}` } });
    await response.text();
    if (response.status === 503)
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    return { status: response.status, tookMs: performance.now() - startedAt };
  };
  /** Known keys, used all the time until `over`. */
  const load = async (over: () => boolean): Promise<Use[]> => {
    const uses: Use[] = [];
    const work = async (n: number): Promise<void> => {
      for (let turn = n; !over(); turn++) {
        uses.push(await use(keys[turn % keys.length] as string));
        await pause(25);
      }
    };
    await Promise.all(Array.from({ length: WORKERS }, (_one, n) => work(n)));
    return uses;
  };

  beforeAll(async () => {
    await buildIfStale(ROOT);
    dir = await tempDir('failure');
    serviceUrl = `http://127.0.0.1:${await freePort()}`;
    await startService();
    upstream = await startRecordingUpstream();
    keys = [await newKey(), await newKey(), await newKey()];
    gateway = await startTestGateway({
      MLFLOW_SERVER_URL: upstream.url,
      HOKUSAI_AUTH_SERVICE_URL: serviceUrl,
      AUTH_TIMEOUT_MS: String(AUTH_TIMEOUT_MS),
      AUTH_BREAKER_FAILURES: '3',
      AUTH_BREAKER_RESET_SECONDS: '1',
      // So short that every fault is felt.
      AUTH_CACHE_TTL_SECONDS: '1',
      AUTH_CACHE_STALE_WHILE_REVALIDATE_SECONDS: '0',
      RATE_LIMIT_PER_HOUR: '1000000',
      RATE_LIMIT_BURST: '100000',
    });
  }, 300_000);
  afterAll(async () => {
    await gateway?.close();
    await upstream?.close();
    await service?.stop('SIGKILL');
    await dir?.remove();
  });

  it.each<['paused' | 'killed']>([['paused'], ['killed']])(
    '%s: known keys go on, unknown ones get 503 and never 401, and all is well again after it',
    async (how) => {
      const [good, later] = [await newKey(), await newKey()];
      for (const key of keys) expect((await use(key)).status).toBe(200);
      let over = false;
      const loading = load(() => over);
      await pause(300);
      if (how === 'paused') service.child.kill('SIGSTOP');
      else await service.stop('SIGKILL');
      const during: Use[] = [];
      for (const endMs = performance.now() + 4000; performance.now() < endMs; await pause(50))
        during.push(
          await use(during.length % 2 === 0 ? good : `hk_live_unknown_${during.length}_0123456789`),
        );
      if (how === 'paused') service.child.kill('SIGCONT');
      else await startService();
      await eventually(async () => (await use(later)).status === 200);
      over = true;
      const uses = await loading;

      expect(new Set(during.map(({ status }) => status))).toEqual(new Set([503]));
      expect(new Set(uses.map(({ status }) => status))).toEqual(new Set([200]));
      expect(uses.length).toBeGreaterThan(200);
      // The first call that hangs is waited for by whoever uses that key then, and none after it.
      const slow = uses.filter(({ tookMs }) => tookMs > AUTH_TIMEOUT_MS * 0.9);
      expect(slow.length).toBeLessThanOrEqual(2 * WORKERS);
      expect((await use(`hk_live_unknown_${how}_0123456789`)).status).toBe(401);
      const metrics = await metricsOf(gateway);
      expect(metrics).toContain('auth_breaker_state 0\n');
      expect(metrics).toMatch(/auth_cache_lookups_total\{result="stale_if_error"\} [1-9]/);
      expect(gateway.logs.of('auth_service_restored')).not.toEqual([]);
    },
    60_000,
  );

  it('no key and no token is in the list of processes, the log or the metrics', async () => {
    const processes = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8', maxBuffer: 1 << 26 });
    expect(processes).toContain('dist/key-service/main.js');
    const metrics = await metricsOf(gateway);
    const places = { processes, metrics, gateway: gateway.logs.raw, service: service.output() };
    const secrets = { key: keys[0]!, 'second key': keys[1]!, 'third key': keys[2]!, ADMIN_TOKEN, PEPPER };
    const leaks = Object.entries(places).flatMap(([place, text]) =>
      Object.entries(secrets).flatMap(([name, secret]) =>
        text.includes(secret.slice(8, 40)) ? [`${name} in ${place}`] : [],
      ),
    );
    expect(leaks).toEqual([]);
  });
});
