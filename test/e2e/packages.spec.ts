import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { builtPackages } from '../support/programs/built-packages.js';
import { startProgram, type ChildProgram } from '../support/programs/child-program.js';
import { eventually } from '../support/lib/eventually.js';
import { freePort } from '../support/programs/free-port.js';
import { lockedPackages } from '../support/programs/locked-packages.js';
import { isFullRun } from '../support/run/full-run.js';
import { packSdk } from '../support/programs/packed-sdk.js';
import {
  sendJson,
  startRecordingUpstream,
  type RecordingUpstream,
} from '../support/servers/recording-upstream.js';
import { tempDir, type TempDir } from '../support/lib/temp-dir.js';

/** What a release publishes, packed and installed elsewhere: docs/releasing.md. */

const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const run = promisify(execFile);
const ADMIN = 'admin-token-of-the-package-tests';
const PREPARE_TIMEOUT_MS = 400_000;

interface Installed {
  readonly folder: string;
  /** Paths of what is in the tarball. */
  readonly files: readonly string[];
  remove?(): Promise<void>;
}

let dir: TempDir;
const installed = new Map<string, Installed>();

beforeAll(async () => {
  dir = await tempDir('packages');
  const { folder } = await builtPackages();
  for (const name of ['mlflow-gateway', 'cli']) installed.set(name, await install(join(folder, name), name));
  const { consumer, files, remove } = await packSdk();
  installed.set('mlflow-sdk', { folder: consumer, files, remove });
}, PREPARE_TIMEOUT_MS);
afterAll(async () => {
  await installed.get('mlflow-sdk')?.remove?.();
  await dir?.remove();
});

/** Packs a built package and installs the tarball in an empty project. */
async function install(built: string, name: string): Promise<Installed> {
  const quiet = ['--no-audit', '--no-fund', '--prefer-offline'];
  const folder = join(dir.path, 'installed', name);
  await mkdir(folder, { recursive: true });
  const pack = ['pack', built, '--json', '--pack-destination', folder];
  const [packed] = JSON.parse((await run('npm', [...pack, ...quiet], { cwd: folder })).stdout) as [
    { filename: string; files: { path: string }[] },
  ];
  await writeFile(join(folder, 'package.json'), '{"name":"elsewhere","private":true}');
  if (!isFullRun) await linkLocked(built, folder);
  await run('npm', ['install', join(folder, packed.filename), ...quiet], { cwd: folder });
  return { folder, files: packed.files.map((file) => file.path) };
}

/**
 * Puts the packages of the published lock file where npm would unpack them, which is most of its work: it finds them there, and
 * fetches what is missing or of another version. Where files cannot be linked, such as between two disks, it unpacks them all.
 */
async function linkLocked(built: string, folder: string): Promise<void> {
  const locked = await lockedPackages(join(built, 'npm-shrinkwrap.json'));
  const paths = locked.map(({ path }) => path);
  await run('cp', ['-al', '--parents', ...paths, folder], { cwd: ROOT }).catch(() =>
    rm(join(folder, 'node_modules'), { recursive: true, force: true }),
  );
}

const folderOf = (name: string): string => installed.get(name)?.folder ?? 'not installed';

/** `npx` in a folder, which must not look for the command anywhere else. */
const npx = (name: string, args: readonly string[], env: Record<string, string> = {}): ChildProgram =>
  startProgram('npx', ['--no-install', ...args], {
    cwd: folderOf(name),
    env: { ...env, npm_config_cache: join(dir.path, 'npm') },
    detached: true,
  });

async function versionOf(name: string, command: string): Promise<string> {
  const program = npx(name, [command, '--version']);
  expect([await program.exited, program.output()]).toEqual([0, expect.any(String)]);
  return program.output().trim();
}

describe('published packages', () => {
  let version: string;
  beforeAll(async () => {
    ({ version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string });
  });

  it.each([
    ['mlflow-gateway', 'mlflow-gateway'],
    ['mlflow-gateway', 'mlflow-key-service'],
    ['mlflow-gateway', 'hokusai'],
    ['cli', 'hokusai'],
  ])('%s: npx %s --version says the version of the project', async (name, command) => {
    expect(await versionOf(name, command)).toBe(version);
  });

  it.each(['mlflow-gateway', 'cli', 'mlflow-sdk'])(
    '%s holds its licence and page, and no tests, sources or maps',
    (name) => {
      const files = installed.get(name)?.files ?? [];
      expect(files).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'package.json']));
      expect(
        files.filter((path) => /\.spec\.|(?<!\.d)\.(?:ts|mts)$|\.map$|^src\/|^test\/|\.env/.test(path)),
      ).toEqual([]);
    },
  );

  it('the SDK is imported and works', async () => {
    const file = join(folderOf('mlflow-sdk'), 'use.mjs');
    await writeFile(
      file,
      "import { createMock } from '@hokusai/mlflow-sdk';\nconst { experiments } = createMock();\nconsole.log((await experiments.getByName('Default')).experimentId);\n",
    );
    const { stdout } = await run(process.execPath, [file], { cwd: folderOf('mlflow-sdk') });
    expect(stdout).toBe('0\n');
  });
});

describe('the servers of the published package', () => {
  let mlflow: RecordingUpstream;
  const started: ChildProgram[] = [];

  beforeAll(async () => {
    mlflow = await startRecordingUpstream((_request, response) =>
      sendJson(response, 200, { experiments: [] }),
    );
  });
  afterAll(async () => {
    await Promise.all(started.map((program) => program.stop('SIGINT')));
    await mlflow?.close();
  });

  async function serve(command: string, port: number, env: Record<string, string>): Promise<void> {
    const program = npx('mlflow-gateway', [command], { PORT: String(port), HOST: '127.0.0.1', ...env });
    started.push(program);
    await eventually(async () => (await fetch(`http://127.0.0.1:${port}/health`)).ok, {
      timeoutMs: 60_000,
      what: command,
      program,
    });
  }

  it('serve: a key that the installed hokusai makes opens MLflow', async () => {
    const [keyPort, gatewayPort] = [await freePort(), await freePort()];
    const keyServiceUrl = `http://127.0.0.1:${keyPort}`;
    await serve('mlflow-key-service', keyPort, {
      HOKUSAI_ADMIN_TOKEN: ADMIN,
      KEY_PEPPER: 'a-pepper-of-the-package-tests-0123456789',
      DATABASE_URL: `sqlite:///${join(dir.path, 'keys.sqlite')}`,
    });
    await serve('mlflow-gateway', gatewayPort, {
      MLFLOW_SERVER_URL: mlflow.url,
      HOKUSAI_AUTH_SERVICE_URL: keyServiceUrl,
    });
    const made = npx('cli', ['hokusai', 'auth', 'create-key', '--name', 'packed', '--json'], {
      HOKUSAI_AUTH_SERVICE_URL: keyServiceUrl,
      HOKUSAI_ADMIN_TOKEN: ADMIN,
      HOME: dir.path,
    });
    expect(await made.exited).toBe(0);
    const key = /hk_live_[0-9A-Za-z]{49}/.exec(made.output())?.[0] ?? '';
    const url = `http://127.0.0.1:${gatewayPort}/api/mlflow/api/2.0/mlflow/experiments/search?max_results=1`;
    expect((await fetch(url)).status).toBe(401);
    const answer = await fetch(url, { headers: { authorization: `Bearer ${key}` } });
    expect([answer.status, await answer.json()]).toEqual([200, { experiments: [] }]);
  }, 200_000);

  it('say in one sentence which variable is missing', async () => {
    const program = npx('mlflow-gateway', ['mlflow-gateway']);
    expect([await program.exited, program.output()]).toEqual([
      2,
      expect.stringContaining('MLFLOW_SERVER_URL'),
    ]);
  });
});
