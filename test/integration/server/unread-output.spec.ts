import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { startProgram, type ChildProgram } from '../../support/programs/child-program.js';
import { eventually, START_INTERVAL_MS } from '../../support/lib/eventually.js';
import { freePort } from '../../support/programs/free-port.js';
import { TEST_ADMIN_TOKEN, TEST_PEPPER } from '../../support/systems/key-service.js';
import { packedPrograms } from '../../support/programs/packed-programs.js';
import { tempDir, type TempDir } from '../../support/lib/temp-dir.js';

const SHUTDOWN_TIMEOUT_SECONDS = 1;
/** Without a drain delay. */
const PROMISED_MS = (SHUTDOWN_TIMEOUT_SECONDS + 3) * 1000;
/** More than any buffer between two processes takes: 64 KiB of a pipe, 208 KiB of a socket. */
const REQUESTS = 250;
/** Makes a line of the log longer than a kilobyte. */
const LONG_PATH = `/unread/${'x'.repeat(1200)}`;
const AT_ONCE = 50;

interface Server {
  program: string;
  env(dir: string): Record<string, string>;
}

const SERVERS: Server[] = [
  {
    program: 'gateway/main.js',
    env: () => ({
      MLFLOW_SERVER_URL: 'http://127.0.0.1:9',
      HOKUSAI_AUTH_SERVICE_URL: 'http://127.0.0.1:9',
    }),
  },
  {
    program: 'key-service/main.js',
    env: (dir) => ({
      DATABASE_URL: `sqlite:///${join(dir, 'keys.sqlite')}`,
      HOKUSAI_ADMIN_TOKEN: TEST_ADMIN_TOKEN,
      KEY_PEPPER: TEST_PEPPER,
    }),
  },
];

describe.each(SERVERS)('$program where standard output is not read', (server) => {
  let main: string;
  let dir: TempDir;
  let port: number;
  let pipe: { near: number; far: number };
  let program: ChildProgram | undefined;

  beforeAll(async () => {
    main = join(await packedPrograms(), server.program);
  });

  beforeEach(async () => {
    [dir, port] = await Promise.all([tempDir('unread'), freePort()]);
    const path = join(dir.path, 'stdout');
    execFileSync('mkfifo', [path]);
    // The near end reads without waiting; the program's end is an ordinary, waiting one.
    const near = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    pipe = { near, far: openSync(path, constants.O_WRONLY) };
  });

  afterEach(async () => {
    program?.kill();
    program?.child.stdout?.resume();
    await program?.exited;
    program = undefined;
    closeSync(pipe.near);
    closeSync(pipe.far);
    await dir.remove();
  });

  async function serving(stdout: number | 'pipe', drainDelaySeconds = 0): Promise<ChildProgram> {
    const started = startProgram(process.execPath, [main], {
      env: {
        HOST: '127.0.0.1',
        PORT: String(port),
        DRAIN_DELAY_SECONDS: String(drainDelaySeconds),
        SHUTDOWN_TIMEOUT_SECONDS: String(SHUTDOWN_TIMEOUT_SECONDS),
        ...server.env(dir.path),
      },
      stdio: ['ignore', stdout, 'pipe'],
    });
    program = started;
    await eventually(async () => (await fetch(`http://127.0.0.1:${port}/health`)).ok, {
      timeoutMs: 30_000,
      intervalMs: START_INTERVAL_MS,
    });
    return started;
  }

  /** Each is answered with 404 and is one line of the log. */
  async function ask(requests: number): Promise<void> {
    for (let asked = 0; asked < requests; asked += AT_ONCE)
      await Promise.all(
        Array.from({ length: AT_ONCE }, async () => {
          const answer = await fetch(`http://127.0.0.1:${port}${LONG_PATH}`);
          await answer.arrayBuffer();
          expect(answer.status).toBe(404);
        }),
      );
  }

  /** How it ends after SIGTERM, and when. Its output may stay open: it is not waited for. */
  async function terminated({ child }: ChildProgram): Promise<{ code: number | null; afterMs: number }> {
    const sentAt = performance.now();
    const code = new Promise<number | null>((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    return { code: await code, afterMs: performance.now() - sentAt };
  }

  it('ends in its promised time with 0 where that is a full pipe, and says on standard error what was dropped', async () => {
    fill(pipe.near);
    const started = await serving(pipe.far);
    await ask(REQUESTS);
    const { code, afterMs } = await terminated(started);
    expect(code).toBe(0);
    expect(afterMs).toBeLessThan(PROMISED_MS);
    const dropped = Number(/^(\d+) lines of the log were dropped/m.exec(started.output())?.[1]);
    expect(dropped).toBeGreaterThanOrEqual(REQUESTS);
  }, 60_000);

  it('ends in its promised time with 0 where that is a socket that takes no more', async () => {
    const started = await serving('pipe');
    started.child.stdout!.pause();
    await ask(REQUESTS);
    const { code, afterMs } = await terminated(started);
    expect(code).toBe(0);
    expect(afterMs).toBeLessThan(PROMISED_MS);
    expect(started.output()).toMatch(/\d+ lines of the log were dropped/);
  }, 60_000);

  it('goes on, and ends with 0, where that cannot be written, as on a full disk', async () => {
    const full = openSync('/dev/full', constants.O_WRONLY);
    const started = await serving(full).finally(() => closeSync(full));
    await ask(REQUESTS);
    const { code } = await terminated(started);
    expect(code).toBe(0);
    expect(started.output()).toMatch(/^\d+ lines of the log were dropped since the start/);
  }, 60_000);

  it('loses no line of a pipe whose reader is slow, also when it ends', async () => {
    // So that it has the time for a reader on a busy machine.
    const started = await serving(pipe.far, 1);
    const chunk = Buffer.alloc(16 * 1024);
    let text = '';
    await ask(REQUESTS);
    // Most of the lines still wait in the program when it gets the signal to end.
    const reader = setInterval(() => (text += readSome(pipe.near, chunk)), 50);
    const { code } = await terminated(started);
    clearInterval(reader);
    for (let rest = readSome(pipe.near, chunk); rest; rest = readSome(pipe.near, chunk)) text += rest;
    expect(code).toBe(0);
    const lines = text.trimEnd().split('\n');
    for (const line of lines) expect(() => JSON.parse(line) as unknown).not.toThrow();
    expect(lines.filter((line) => line.includes('"status":404'))).toHaveLength(REQUESTS);
    expect(started.output()).not.toContain('dropped');
  }, 60_000);
});

function fill(fd: number): void {
  const line = Buffer.from(`${'x'.repeat(1023)}\n`);
  try {
    for (;;) writeSync(fd, line);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
  }
}

function readSome(fd: number, buffer: Buffer): string {
  try {
    return buffer.toString('latin1', 0, readSync(fd, buffer));
  } catch {
    return '';
  }
}
