import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { validate, ValidationSeverity } from 'dockerfile-utils';
import { buildIfStale, sourceDigest } from '../../../scripts/start/build.ts';
import { runProgram, startProgram, type ChildProgram } from '../../support/programs/child-program.js';
import { buildStages, stageEnv, type BuiltStage } from '../../support/programs/dockerfile-runner.js';
import { eventually } from '../../support/lib/eventually.js';
import { freePort } from '../../support/programs/free-port.js';
import { lockedPackages } from '../../support/programs/locked-packages.js';
import { freshPython, pythonExecutable } from '../../support/programs/preloaded-python.js';
import { isFullRun } from '../../support/run/full-run.js';
import { tempDir, type TempDir } from '../../support/lib/temp-dir.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const read = (path: string): Promise<string> => readFile(join(root, path), 'utf8');
/** The project's own Node stands for the one of the base image. */
const path = [join(root, 'node_modules/.bin')];

/** Left out: downloads of what scripts/prepare.mjs has installed from the same files, and a second build of the same sources. */
function instead(command: string, workdir: string): Promise<void> | undefined {
  if (command.includes('requirements/mlflow.txt')) return Promise.resolve();
  if (isFullRun) return undefined;
  if (command === 'npm ci --ignore-scripts')
    return symlink(join(root, 'node_modules'), join(workdir, 'node_modules'));
  if (command === 'npm ci --omit=dev --ignore-scripts') return linkPackages(workdir);
  return command === 'npm run build' ? copyBuild(workdir) : undefined;
}

/** The packages that the lock file of the stage has not for developers alone. With `SHIPPED_ONLY` no program finds another one. */
async function linkPackages(workdir: string): Promise<void> {
  const locked = await lockedPackages(join(workdir, 'package-lock.json'));
  const shipped = locked.filter(({ dev }) => !dev);
  expect(shipped.length).toBeGreaterThan(100);
  for (const { path } of shipped) {
    await mkdir(dirname(join(workdir, path)), { recursive: true });
    await symlink(join(root, path), join(workdir, path));
  }
}

/** Modules are looked for from where they are linked to, not from where they lie, beside the developers' packages. */
const SHIPPED_ONLY = isFullRun ? {} : { NODE_PRESERVE_SYMLINKS: '1', NODE_PRESERVE_SYMLINKS_MAIN: '1' };

/** What a build is made from is all in the stage, and the same as in the project: so is what it would make. */
async function copyBuild(workdir: string): Promise<void> {
  await buildIfStale(root);
  expect(sourceDigest(workdir)).toBe(sourceDigest(root));
  await cp(join(root, 'dist'), join(workdir, 'dist'), { recursive: true });
  // The cheap half, which has a script of its own in the stage.
  await runProgram(process.execPath, ['scripts/build-console.ts'], { cwd: workdir });
}

/** What `pip install` of the stage makes, whose programs start in a Python that has imported MLflow. */
async function installMlflow(workdir: string): Promise<void> {
  const made = join(root, '.cache/mlflow-venv');
  const python = await pythonExecutable();
  if (python === freshPython()) return symlink(made, join(workdir, 'venv'));
  const bin = join(workdir, 'venv/bin');
  await mkdir(bin, { recursive: true });
  await symlink(python, join(bin, 'python'));
  const program = await readFile(join(made, 'bin/mlflow'), 'utf8');
  await writeFile(join(bin, 'mlflow'), program.replace(/^#!.+/, `#!${python}`), { mode: 0o755 });
}

describe('docker/Dockerfile', () => {
  let dir: TempDir;
  let stages: Map<string, BuiltStage>;

  beforeAll(async () => {
    dir = await tempDir('docker');
    stages = await buildStages(['gateway', 'key-service', 'mlflow'], {
      dockerfile: await read('docker/Dockerfile'),
      context: root,
      into: dir.path,
      path,
      buildArgs: { BUILD_COMMIT: 'a1b2c3d' },
      instead,
    });
  }, 300_000);

  afterAll(() => dir?.remove());

  const stage = (name: string): BuiltStage => {
    const found = stages.get(name);
    if (!found) throw new Error(`no stage ${name}`);
    return found;
  };

  /** Runs a stage's CMD, then its HEALTHCHECK until that is content; what follows is the caller's. */
  async function serving(
    name: string,
    { env = {}, replace = {} }: { env?: Record<string, string>; replace?: Record<string, string> },
    use: (program: ChildProgram) => Promise<void>,
  ): Promise<void> {
    const { cmd, healthcheck, workdir } = stage(name);
    const told = (word: string): string =>
      Object.entries(replace).reduce((text, [from, to]) => text.replaceAll(from, to), word);
    const [command = '', ...args] = cmd.map(told);
    const options = { cwd: workdir, env: { ...stageEnv(stage(name), path), ...SHIPPED_ONLY, ...env } };
    const program = startProgram(command, args, options);
    try {
      const [check = '', ...checkArgs] = healthcheck.map(told);
      let over = false;
      void program.exited.then(() => (over = true));
      await eventually(async () => over || (await startProgram(check, checkArgs, options).exited) === 0, {
        timeoutMs: 90_000,
        // Each check is a program that starts: asked more often, they would hold up the one that they ask.
        intervalMs: 1000,
        what: `the health of ${name}`,
      });
      expect(over ? program.output() : '').toBe('');
      await use(program);
    } finally {
      await program.stop('SIGKILL');
    }
  }

  it('has no finding of the Dockerfile linter', async () => {
    const findings = validate(await read('docker/Dockerfile')).filter(
      (finding) => (finding.severity ?? ValidationSeverity.ERROR) <= ValidationSeverity.WARNING,
    );
    expect(findings).toEqual([]);
  });

  it.each(['gateway', 'key-service', 'mlflow'])(
    'runs %s in exec form, not as root, and stops it by SIGTERM',
    (name) => {
      const { cmd, healthcheck, user, stopSignal } = stage(name);
      expect(cmd.length).toBeGreaterThan(1);
      expect(healthcheck.length).toBeGreaterThan(1);
      expect(user).toBe('1000:1000');
      expect(stopSignal).toBe('SIGTERM');
    },
  );

  it('sends the builder every file that it copies, and no secret', async () => {
    const ignore = (await read('.dockerignore')).split('\n');
    expect(ignore).toContain('*');
    const copied = [...(await read('docker/Dockerfile')).matchAll(/^COPY (?!--from)(.+)$/gm)].flatMap(
      (match) => (match[1] ?? '').split(' ').slice(0, -1),
    );
    for (const source of copied) expect(ignore).toContain(`!${source}`);
    expect(ignore.filter((line) => /env|data|cache|node_modules/.test(line))).toEqual([]);
  });

  it('builds a gateway that starts without developers’ packages and is healthy', async () => {
    const PORT = String(await freePort());
    const env = { PORT, MLFLOW_SERVER_URL: 'http://127.0.0.1:9', DRAIN_DELAY_SECONDS: '0' };
    expect(stage('gateway').exposed).toBe('8001');
    await serving('gateway', { env }, async (program) => {
      const answer = await fetch(`http://127.0.0.1:${PORT}/api/mlflow/api/2.0/mlflow/runs/create`, {
        method: 'POST',
      });
      expect(answer.status).toBe(401);
      const { version } = JSON.parse(await read('package.json')) as { version: string };
      const metrics = await fetch(`http://127.0.0.1:${PORT}/metrics`);
      expect(await metrics.text()).toContain(`build_info{version="${version}",commit="a1b2c3d"} 1`);
      await expect(program.stop()).resolves.toBe(0);
    });
  }, 120_000);

  it('builds a key service that starts without developers’ packages, makes keys and keeps them in data/', async () => {
    const PORT = String(await freePort());
    const HOKUSAI_ADMIN_TOKEN = 'an-admin-token-for-a-test';
    const env = {
      PORT,
      HOKUSAI_ADMIN_TOKEN,
      KEY_PEPPER: 'a pepper for a test that is long enough',
      DRAIN_DELAY_SECONDS: '0',
    };
    await serving('key-service', { env }, async (program) => {
      const answer = await fetch(`http://127.0.0.1:${PORT}/api/v1/keys`, {
        method: 'POST',
        headers: { authorization: `Bearer ${HOKUSAI_ADMIN_TOKEN}`, 'content-type': 'application/json' },
        body: JSON.stringify({ name: 'a key', service_id: 'ml-platform' }),
      });
      expect(answer.status).toBe(201);
      await expect(program.stop()).resolves.toBe(0);
    });
    await expect(readFile(join(stage('key-service').workdir, 'data/keys.sqlite'))).resolves.toBeDefined();
  }, 120_000);

  it('starts an MLflow that answers to the name by which compose and the gateway call it', async () => {
    const port = String(await freePort());
    await installMlflow(stage('mlflow').workdir);
    const env = {
      MLFLOW_SERVER_ALLOWED_HOSTS: 'mlflow:5000',
      MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false',
      PRELOADED_SUBPROCESSES: '1',
    };
    await serving('mlflow', { env, replace: { '5000': port, '0.0.0.0': '127.0.0.1' } }, async (program) => {
      const { request } = await import('undici');
      const statusFor = async (host: string): Promise<number> => {
        const url = `http://127.0.0.1:${port}/api/2.0/mlflow/experiments/search?max_results=1`;
        const { statusCode, body } = await request(url, { headers: { host } });
        await body.dump();
        return statusCode;
      };
      expect(await statusFor('mlflow:5000')).toBe(200);
      expect(await statusFor('elsewhere:5000')).toBe(403);
      await program.stop();
    });
  }, 120_000);
});
