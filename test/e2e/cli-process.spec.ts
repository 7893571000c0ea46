import { spawn } from 'node:child_process';
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startFakeAuthService, type FakeAuthService } from '../support/servers/fake-auth-service.js';
import { sendJson } from '../support/servers/recording-upstream.js';
import { eventually } from '../support/lib/eventually.js';
import { shell, spawnHokusai } from '../support/programs/hokusai.js';
import { tempDir, type TempDir } from '../support/lib/temp-dir.js';

const KEY = 'hk_live_abcdefghijklmnopqrstuvwxyz012345';
const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

let dir: TempDir;
let auth: FakeAuthService;

beforeAll(async () => {
  dir = await tempDir('bin');
  auth = await startFakeAuthService();
  auth.know(KEY);
});
afterAll(async () => {
  await auth?.close();
  await dir?.remove();
});

describe('the command as a process', () => {
  it('says what it can do, with examples and exit codes', async () => {
    const { code, stdout } = await spawnHokusai(['--help']);
    expect(code).toBe(0);
    expect(stdout).toContain('hokusai auth create-key --name "Production Key"');
    expect(stdout).toContain('Exit codes:');
  });

  it.each([
    ['auth', 'create-key'],
    ['auth', 'list-keys'],
    ['auth', 'show-key'],
    ['auth', 'revoke-key'],
    ['auth', 'rotate-key'],
    ['auth', 'validate'],
    ['auth', 'usage'],
    ['configure'],
    ['verify'],
    ['doctor'],
    ['completion'],
  ])('has help for %s %s, with the options that all commands take', async (...words) => {
    const { code, stdout } = await spawnHokusai([...words.filter(Boolean), '--help']);
    expect(code).toBe(0);
    expect(stdout).toContain('Usage: hokusai');
    expect(stdout).toContain('--json');
  });

  it('prints the version of the package', async () => {
    const manifest = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));
    expect((await spawnHokusai(['--version'])).stdout.trim()).toBe((manifest as { version: string }).version);
  });

  it('runs by npx in its checkout', async () => {
    const root = fileURLToPath(new URL('../..', import.meta.url));
    const { stdout, stderr, code } = await shell(`cd ${root} && npx --offline hokusai --help`, dir.path, {
      home: dir.path,
    });
    expect([code, stdout]).toEqual([0, expect.stringContaining('Usage: hokusai')]);
    expect(stderr).not.toContain('denied');
  });

  it('says how it is built where it is not', async () => {
    const { path: checkout, remove } = await tempDir('checkout');
    try {
      await mkdir(join(checkout, 'scripts'));
      const launcher = join(checkout, 'scripts/hokusai.mjs');
      await copyFile(new URL('../../scripts/hokusai.mjs', import.meta.url), launcher);
      const { code, stdout, stderr } = await shell(launcher, dir.path);
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toContain('npm run build');
    } finally {
      await remove();
    }
  });

  it.each([[[]], [['auth']], [['nonsense']], [['auth', 'list-keys', '--nonsense']]])(
    'ends with exit code 2 when it is used wrongly: %j',
    async (args: string[]) => {
      expect((await spawnHokusai(args)).code).toBe(2);
    },
  );

  it('does not repeat a key that was given as an option', async () => {
    const { code, stdout, stderr } = await spawnHokusai(['auth', 'validate', `--api-key=${KEY}`]);
    expect(code).toBe(2);
    expect(stdout + stderr).not.toContain(KEY);
  });

  it('gives its exit code to the shell, and its result to a pipe', async () => {
    const env = { HOKUSAI_AUTH_SERVICE_URL: auth.url };
    const script = `echo ${KEY} | hokusai auth validate --api-key-stdin --json | head -1; echo hk_live_wrong_key_of_some_length | hokusai auth validate --api-key-stdin || echo "code $?"`;
    const { stdout } = await shell(script, dir.path, { env });
    expect(stdout).toMatch(/^\{\n/);
    expect(stdout).toContain('code 3');
  });

  it('keeps a key that comes on standard input out of the process list', async () => {
    const child = spawn(process.execPath, [main, 'auth', 'validate', '--api-key-stdin'], {
      env: { PATH: process.env['PATH'], HOKUSAI_AUTH_SERVICE_URL: auth.url, HOME: dir.path },
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    const ended = new Promise((resolve) => child.once('close', resolve));
    let answer: (() => void) | undefined;
    // Held open, so that the process has the key and still runs while its command line is read.
    auth.know(KEY, (_call, response) => (answer = () => sendJson(response, 200, { valid: true })));
    try {
      child.stdin?.end(KEY);
      await eventually(() => answer, { what: 'a validation with the key' });
      const commandLine = await readFile(`/proc/${child.pid}/cmdline`, 'utf8');
      expect(commandLine).toContain('--api-key-stdin');
      expect(commandLine).not.toContain(KEY);
      answer?.();
      expect(await ended).toBe(0);
    } finally {
      auth.know(KEY);
      child.kill();
    }
  });

  it('completes in a real bash', async () => {
    const { stdout } = await shell(
      'source <(hokusai completion bash); COMP_WORDS=(hokusai auth create-k); COMP_CWORD=2; _hokusai; echo "${COMPREPLY[@]}"',
      dir.path,
    );
    expect(stdout.trim()).toBe('create-key');
  });
});

describe('on a real terminal', () => {
  it('hides the key that is typed', async () => {
    const python = fileURLToPath(new URL('../../.cache/mlflow-venv/bin/python', import.meta.url));
    const child = spawn(
      python,
      ['-c', TERMINAL, process.execPath, main, 'auth', 'validate', '--api-key-stdin'],
      {
        env: { PATH: process.env['PATH'], HOKUSAI_AUTH_SERVICE_URL: auth.url, HOME: dir.path, TYPED: KEY },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    let shown = '';
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (shown += chunk));
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect(shown).toContain('API key:');
    expect(shown).toContain('The key is valid');
    expect(shown).not.toContain(KEY);
    expect(code).toBe(0);
  });
});

/** Runs its arguments on a terminal of their own, types once it is asked, and copies what the terminal shows. */
const TERMINAL = `
import os, pty, sys
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
shown = b""
typed = False
while True:
    try:
        piece = os.read(terminal, 4096)
    except OSError:
        break
    if not piece:
        break
    shown += piece
    if not typed and b"API key: " in shown:
        typed = True
        os.write(terminal, os.environ["TYPED"].encode() + b"\\r")
sys.stdout.buffer.write(shown)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;
