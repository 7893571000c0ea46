import { readFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Pool } from 'undici';
import { buildIfStale } from '../../../scripts/start/build.ts';
import { startProgram, type ChildProgram } from '../../support/programs/child-program.js';
import { eventually, START_INTERVAL_MS } from '../../support/lib/eventually.js';
import { startFakeAuthService, type FakeAuthService } from '../../support/servers/fake-auth-service.js';
import { freePort } from '../../support/programs/free-port.js';
import { packedPrograms } from '../../support/programs/packed-programs.js';
import { startRecordingUpstream, type RecordingUpstream } from '../../support/servers/recording-upstream.js';

const root = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');
const KEY = 'hk_live_of_a_request_under_way_00000001';
const BURST_CLIENTS = 256;
const REQUESTS_EACH = 30;
/** Collections of the young generation that are looked at: after the first ones have grown it. */
const LAST_COLLECTIONS = 5;
const MIB = 1024 * 1024;

interface StartOptions {
  nodeArgs?: string[];
  folder?: string;
}

/** Log lines of some events, oldest first. */
function eventsOf(program: ChildProgram, events: readonly string[]): Record<string, unknown>[] {
  return program
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ event }) => events.includes(event as string));
}

/** `node dist/gateway/main.js` as an operator runs it; where it is not about the start, packed. */
describe('the gateway alone', () => {
  let auth: FakeAuthService;
  let mlflow: RecordingUpstream;
  let port: number;
  let packed: string;
  const started: ChildProgram[] = [];

  beforeAll(async () => {
    await buildIfStale(root);
    [auth, mlflow, port, packed] = await Promise.all([
      startFakeAuthService(),
      startRecordingUpstream(),
      freePort(),
      packedPrograms(),
    ]);
    auth.know(KEY);
  }, 300_000);

  afterEach(async () => {
    await Promise.all(started.splice(0).map((program) => program.stop('SIGKILL')));
    mlflow.raw(undefined);
  });

  afterAll(async () => {
    await auth?.close();
    await mlflow?.close();
  });

  /** @param folder as `dist/` is one, and that by default */
  function start(
    env: Record<string, string>,
    { nodeArgs = [], folder = join(root, 'dist') }: StartOptions = {},
  ): ChildProgram {
    const args = [...nodeArgs, join(folder, 'gateway/main.js')];
    const program = startProgram(process.execPath, args, { env });
    started.push(program);
    return program;
  }

  const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`http://127.0.0.1:${port}${path}`, { headers });

  async function serving(env: Record<string, string>, options: StartOptions = {}): Promise<ChildProgram> {
    const program = start(
      {
        HOST: '127.0.0.1',
        PORT: String(port),
        MLFLOW_SERVER_URL: mlflow.url,
        HOKUSAI_AUTH_SERVICE_URL: auth.url,
        ...env,
      },
      { folder: packed, ...options },
    );
    await eventually(async () => (await get('/health/ready')).ok, {
      timeoutMs: 30_000,
      intervalMs: START_INTERVAL_MS,
    });
    return program;
  }

  /** A request that MLflow has received and answers only when the test says so. */
  async function underWay(): Promise<{ answer: Promise<Response>; finish: () => void }> {
    let finish: (() => void) | undefined;
    mlflow.raw((_request, response) => void (finish = () => response.end('late')));
    const answer = get('/mlflow/x', { authorization: `Bearer ${KEY}` });
    answer.catch(() => undefined);
    await eventually(() => finish);
    return { answer, finish: finish as unknown as () => void };
  }

  it('ends at start with all problems of its settings named at once, and no value', async () => {
    const program = start({
      PORT: '70000',
      HOKUSAI_AUTH_SERVICE_URL: 'ftp://planted.example',
      REDIS_URL: 'planted-redis',
      RATE_LIMIT_BURST: 'planted',
      HOKUSAI_AUTH_SERVICE_TOKEN: 'planted',
    });
    await expect(program.exited).resolves.toBe(2);
    for (const name of [
      'MLFLOW_SERVER_URL is required',
      'PORT',
      'HOKUSAI_AUTH_SERVICE_URL',
      'REDIS_URL',
      'RATE_LIMIT_BURST',
      'HOKUSAI_AUTH_SERVICE_TOKEN',
    ])
      expect(program.output()).toContain(name);
    expect(program.output()).not.toMatch(/planted|70000|\bat .+:\d+:\d+/);
  });

  it('says in one sentence that its port is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const PORT = String((other.address() as AddressInfo).port);
    const program = start({ PORT, HOST: '127.0.0.1', MLFLOW_SERVER_URL: mlflow.url });
    await expect(program.exited).resolves.toBe(2);
    expect(program.output()).toContain(`port ${PORT} is already in use; set PORT to a free one`);
    await new Promise((resolve) => other.close(resolve));
  });

  it.each([
    [{}, 'timeout=125'],
    [{ KEEP_ALIVE_SECONDS: '620' }, 'timeout=620'],
  ])(
    'keeps idle connections for longer than the balancers in front do, or as it is told: %j',
    async (env, told) => {
      await serving(env);
      expect((await get('/health')).headers.get('keep-alive')).toBe(told);
    },
  );

  it('after SIGTERM leaves the load balancer, goes on answering, finishes what is under way, and ends with 0', async () => {
    const program = await serving({ DRAIN_DELAY_SECONDS: '2', SHUTDOWN_TIMEOUT_SECONDS: '120' });
    const { answer, finish } = await underWay();
    const stopped = program.stop('SIGTERM');
    await eventually(async () => (await get('/health/ready')).status === 503);
    const meanwhile = await get('/health');
    expect([meanwhile.status, meanwhile.headers.get('connection')]).toEqual([200, 'close']);
    await eventually(() =>
      get('/health').then(
        () => false,
        () => true,
      ),
    );
    finish();
    const { status } = await answer;
    expect([status, await (await answer).text()]).toEqual([200, 'late']);
    await expect(stopped).resolves.toBe(0);
    expect(eventsOf(program, ['draining', 'closing', 'stopped'])).toMatchObject([
      { event: 'draining', delay_ms: 2000 },
      { event: 'closing', in_flight: 1, timeout_ms: 120_000 },
      { event: 'stopped', cut: 0 },
    ]);
    const last = JSON.parse(program.output().trim().split('\n').at(-1) ?? '') as { duration_ms: number };
    expect(last).toMatchObject({ event: 'stopped' });
    expect(last.duration_ms).toBeGreaterThanOrEqual(2000);
  });

  it('says which version and which commit it is, in its first line and its metrics', async () => {
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
    const program = await serving({ BUILD_COMMIT: 'a1b2c3d' }, { folder: join(root, 'dist') });
    const [started] = await eventually(() => {
      const found = eventsOf(program, ['gateway_started']);
      return found.length > 0 && found;
    });
    expect(started).toMatchObject({ version, commit: 'a1b2c3d' });
    const metrics = await (await get('/metrics')).text();
    expect(metrics).toContain(`build_info{version="${version}",commit="a1b2c3d"} 1`);
  });

  it('ends within three seconds of SIGINT, with any requests under way', async () => {
    const program = await serving({});
    await underWay();
    const sentAt = performance.now();
    await expect(program.stop('SIGINT')).resolves.toBe(0);
    expect(performance.now() - sentAt).toBeLessThan(3000);
  });

  it('logs a rejected promise that nobody awaited, and goes on', async () => {
    const planted = 'process.on("SIGUSR2", () => void Promise.reject(new TypeError("planted")))';
    const program = await serving({}, { nodeArgs: preloaded(planted) });
    program.child.kill('SIGUSR2');
    await eventually(() => program.output().includes('"event":"unhandled_rejection"'), { timeoutMs: 10_000 });
    expect(program.output()).toContain('"error":"TypeError: planted"');
    expect((await get('/health/ready')).ok).toBe(true);
  });

  it('ends also where a part of it never stops, and says so', async () => {
    const planted = 'import http from "node:http"; http.Server.prototype.close = () => {};';
    const program = await serving(
      { DRAIN_DELAY_SECONDS: '0', SHUTDOWN_TIMEOUT_SECONDS: '1' },
      { nodeArgs: preloaded(planted) },
    );
    program.child.kill('SIGTERM');
    expect(await program.exited).toBe(1);
    expect(program.output()).toContain('"event":"shutdown_failed"');
  });

  it('collects requests while they are young, also after a burst of clients: V8 takes none for long-lived', async () => {
    const limits = { RATE_LIMIT_PER_HOUR: '1000000', RATE_LIMIT_BURST: '1000000' };
    const program = await serving(limits, { nodeArgs: ['--trace-gc', '--trace-gc-nvp'] });
    const clients = new Pool(`http://127.0.0.1:${port}`, { connections: BURST_CLIENTS });
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
    await Promise.all(Array.from({ length: BURST_CLIENTS }, ask));
    await clients.close();
    const promoted = [...program.output().matchAll(/gc=s .* promoted=(\d+) /g)].map(([, bytes]) =>
      Number(bytes),
    );
    expect(promoted.length).toBeGreaterThan(LAST_COLLECTIONS);
    expect(promoted.slice(-LAST_COLLECTIONS).sort((a, b) => a - b)[LAST_COLLECTIONS >> 1]).toBeLessThan(MIB);
  }, 120_000);

  it('sleeps while nobody asks for anything: a few wake-ups a second', async () => {
    const program = await serving({});
    const status = `/proc/${program.child.pid}/task/${program.child.pid}/status`;
    const sleeps = async (): Promise<number> =>
      Number(/^voluntary_ctxt_switches:\s*(\d+)$/m.exec(await readFile(status, 'utf8'))![1]);
    const counts = [await sleeps()];
    // A rate needs time. What start-up leaves to do may fall into one of the windows, not into all.
    for (let window = 0; window < 3; window += 1) {
      await pause(500);
      counts.push(await sleeps());
    }
    const rates = counts.slice(1).map((count, window) => (count - counts[window]!) * 2);
    expect(Math.min(...rates)).toBeLessThan(40);
  });
});

const preloaded = (code: string): string[] => [
  '--import',
  `data:text/javascript,${encodeURIComponent(code)}`,
];
