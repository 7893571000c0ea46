import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isRunning, startProgram, type ChildProgram } from '../support/programs/child-program.js';
import { eventually } from '../support/lib/eventually.js';
import { startFakeAuthService } from '../support/servers/fake-auth-service.js';
import { freePort } from '../support/programs/free-port.js';
import { sendJson, startRecordingUpstream } from '../support/servers/recording-upstream.js';
import { tempDir, type TempDir } from '../support/lib/temp-dir.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const READY_TIMEOUT_MS = 240_000;

/** Everything that a process has started, and what that has started. */
function family(pid: number): number[] {
  const pairs = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  const children = pairs
    .map((line) => line.trim().split(/\s+/).map(Number))
    .filter(([, parent]) => parent === pid);
  return children.flatMap(([child = 0]) => [child, ...family(child)]);
}

/** The shell example that was printed, which ends with the here-document's EOF. */
function pythonExample(output: string): string {
  return /^export MLFLOW_TRACKING_URI=[\s\S]+?^EOF$/m.exec(output)?.[0] ?? '';
}

/** Every shell example below a heading of the guide, as one script. */
function guideExamples(heading: string): string {
  const guide = readFileSync(join(root, 'docs/getting-started.md'), 'utf8');
  const section = guide.split(/^## /m).find((part) => part.startsWith(heading)) ?? '';
  return [...section.matchAll(/^```bash\n([\s\S]+?)^```/gm)].map(([, script]) => script).join('');
}

const key = (output: string): string => /hk_dev_[A-Za-z0-9]+/.exec(output)?.[0] ?? '';

describe('npm start', () => {
  let dir: TempDir;
  let ports: Record<string, string>;
  const started: ChildProgram[] = [];
  const open: { close(): Promise<void> }[] = [];

  beforeAll(async () => {
    dir = await tempDir('start');
    ports = { PORT: String(await freePort()), KEY_SERVICE_PORT: String(await freePort()) };
  });

  afterEach(async () => {
    await Promise.all(started.map((program) => program.stop('SIGKILL')));
    await Promise.all(open.splice(0).map((part) => part.close()));
  });

  afterAll(() => dir?.remove());

  function start(env: Record<string, string> = {}): ChildProgram {
    const program = startProgram(process.execPath, [join(root, 'scripts/start.ts')], {
      cwd: root,
      env: { DATA_DIR: join(dir.path, 'data'), ...ports, ...env },
    });
    started.push(program);
    return program;
  }

  async function ready(env: Record<string, string> = {}): Promise<ChildProgram & { parts: number[] }> {
    const program = start(env);
    let over = false;
    void program.exited.then(() => (over = true));
    await eventually(() => over || program.output().includes('Ctrl-C stops'), {
      timeoutMs: READY_TIMEOUT_MS,
    });
    if (over) throw new Error(program.output());
    return { ...program, parts: family(program.pid) };
  }

  // npx remembers a checkout's command in npm's cache, as an earlier version of it may have been.
  const bash = (script: string): ChildProgram =>
    startProgram('bash', ['-c', script], { cwd: root, env: { npm_config_cache: join(dir.path, 'npm') } });
  const gone = (parts: number[]): Promise<boolean> =>
    eventually(() => parts.every((pid) => !isRunning(pid)), {
      timeoutMs: 15_000,
      what: 'the end of all parts',
    });

  it('prints examples that work as they are, ends all parts on Ctrl-C, and keeps its data for the next start', async () => {
    const first = await ready();
    expect(first.parts.length).toBeGreaterThanOrEqual(4);

    const python = bash(pythonExample(first.output()));
    await expect(python.exited).resolves.toBe(0);
    const runId = /logged run ([0-9a-f]{32})/.exec(python.output())?.[1] ?? '';
    expect(runId).not.toBe('');
    const curl = bash(/^curl .+$/m.exec(first.output())?.[0] ?? 'false');
    await expect(curl.exited).resolves.toBe(0);
    expect(curl.output()).toContain('"name": "hello"');

    const guide = bash(
      `set -e\n${guideExamples('4. Make and revoke keys')}${guideExamples('3. Point your own tools here')}`
        .replace(/^export MLFLOW_TRACKING_TOKEN=<.+>$/m, '')
        .replaceAll(':8000', `:${ports['KEY_SERVICE_PORT']}`)
        .replaceAll(':8001', `:${ports['PORT']}`)
        .replaceAll('.data/', `${join(dir.path, 'data')}/`),
    );
    const code = await guide.exited;
    expect({ code, output: guide.output() }).toMatchObject({ code: 0 });
    expect(guide.output()).toMatch(/my laptop[\s\S]+ 0 failed[\s\S]+"experiments"/);

    await expect(first.stop('SIGINT')).resolves.toBe(0);
    await gone(first.parts);

    const second = await ready();
    expect(second.output()).not.toContain('Building');
    const url = `http://127.0.0.1:${ports['PORT']}/api/mlflow/api/2.0/mlflow/runs/get?run_id=${runId}`;
    for (const apiKey of [key(first.output()), key(second.output())])
      expect((await fetch(url, { headers: { authorization: `Bearer ${apiKey}` } })).status).toBe(200);
    expect(key(second.output())).not.toBe(key(first.output()));

    // However the starter ends, its parts end with it.
    await second.stop('SIGKILL');
    await gone(second.parts);
  }, 600_000);

  it('keeps its secrets from other users, and keys out of its logs', () => {
    const data = join(dir.path, 'data');
    expect(statSync(data).mode & 0o777).toBe(0o700);
    expect(statSync(join(data, 'secrets', 'admin-token')).mode & 0o777).toBe(0o600);
    const admin = readFileSync(join(data, 'secrets', 'admin-token'), 'utf8').trim();
    for (const part of ['gateway', 'key-service', 'mlflow']) {
      const log = readFileSync(join(data, 'logs', `${part}.log`), 'utf8');
      for (const secret of [admin, ...started.map((program) => key(program.output())).filter(Boolean)])
        expect(log).not.toContain(secret);
    }
  });

  it('uses an MLflow that is set, refuses a second start on its data, and says which part died when one does', async () => {
    const mlflow = await startRecordingUpstream();
    open.push(mlflow);
    const program = await ready({ MLFLOW_SERVER_URL: mlflow.url, DATA_DIR: join(dir.path, 'other') });
    expect(program.output()).not.toContain('Starting MLflow');
    expect(program.parts).toHaveLength(2);
    const second = start({
      MLFLOW_SERVER_URL: mlflow.url,
      DATA_DIR: join(dir.path, 'other'),
      PORT: String(await freePort()),
      KEY_SERVICE_PORT: String(await freePort()),
    });
    await expect(second.exited).resolves.toBe(2);
    expect(second.output()).toMatch(/^Another "npm start" uses the data folder .+ set DATA_DIR, .+\n$/);
    process.kill(program.parts[0] ?? 0, 'SIGKILL');
    await expect(program.exited).resolves.toBe(1);
    expect(program.output()).toMatch(/The (key service|gateway) was ended by SIGKILL/);
    await gone(program.parts);
  }, 300_000);

  it('uses an auth service that is set, and makes no key there without an admin token', async () => {
    const auth = await startFakeAuthService();
    const mlflow = await startRecordingUpstream((_request, response) => sendJson(response, 200, {}));
    open.push(auth, mlflow);
    auth.know('hk_live_from_elsewhere');
    const program = await ready({
      MLFLOW_SERVER_URL: mlflow.url,
      HOKUSAI_AUTH_SERVICE_URL: auth.url,
      DATA_DIR: join(dir.path, 'other'),
    });
    expect(program.parts).toHaveLength(1);
    expect(program.output()).toContain('ask your key administrator');
    expect(auth.requests).toEqual([]);
    const search = `http://127.0.0.1:${ports['PORT']}/api/mlflow/api/2.0/mlflow/experiments/search?max_results=1`;
    expect(
      (await fetch(search, { headers: { authorization: 'Bearer hk_live_from_elsewhere' } })).status,
    ).toBe(200);
    await expect(program.stop('SIGTERM')).resolves.toBe(0);
    expect(mlflow.requests).toHaveLength(1);
    await gone(program.parts);
  }, 300_000);

  it('says in one sentence that a port is taken, before anything is started', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const PORT = String((server.address() as AddressInfo).port);
    const program = start({ PORT });
    await expect(program.exited).resolves.toBe(2);
    expect(program.output()).toBe(
      `Port ${PORT} is already in use: stop what uses it, or set PORT to a free port.\n`,
    );
    await new Promise((resolve) => server.close(resolve));
  });

  it('says in one sentence that Python is missing', async () => {
    cpSync(join(root, 'requirements'), join(dir.path, 'fresh', 'requirements'), { recursive: true });
    const program = startProgram(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `import { makeVenv } from ${JSON.stringify(join(root, 'scripts/prepare/python-venv.mjs'))};
         await makeVenv(process.argv[1], 'mlflow').catch((error) => console.log(error.message));`,
        join(dir.path, 'fresh'),
      ],
      { env: { PYTHON: '/no/such/python' } },
    );
    await program.exited;
    expect(program.output()).toMatch(
      /^MLflow needs Python 3\.10 or above, and none was found: install python3/,
    );
  });
});
