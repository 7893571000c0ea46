import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hokusai } from '../../support/programs/hokusai.js';
import { tempDir, type TempDir } from '../../support/lib/temp-dir.js';

const KEY = 'hk_live_abcdefghijklmnopqrstuvwxyz012345';

let home: TempDir;
let path: string;

beforeEach(async () => {
  home = await tempDir('home');
  path = join(home.path, '.hokusai', 'config');
});
afterEach(() => home?.remove());

describe('configure', () => {
  it('writes what options and standard input say, mode 600, without showing the key', async () => {
    const args = ['configure', '--api-key-stdin', '--auth-service-url', 'http://127.0.0.1:8000'];
    const { code, stdout, stderr } = await hokusai(args, { home: home.path, stdin: `${KEY}\n` });
    expect(code).toBe(0);
    expect(await readFile(path, 'utf8')).toBe(
      `[default]\napi_key = ${KEY}\nauth_service_url = http://127.0.0.1:8000\n`,
    );
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(stdout + stderr).not.toContain(KEY);
    expect(stderr).toContain('api_key, auth_service_url');
  });

  it('asks on a terminal, secrets unseen, and leaves what is answered with nothing', async () => {
    await hokusai(['configure', '--tracking-uri', 'http://127.0.0.1:8001/api/mlflow'], { home: home.path });
    const typed = [KEY, 'admin-token-that-was-typed', 'http://127.0.0.1:8000', ''];
    const { code, stderr } = await hokusai(['configure'], { home: home.path, typed });
    expect(code).toBe(0);
    const text = await readFile(path, 'utf8');
    expect(text).toContain(`api_key = ${KEY}`);
    expect(text).toContain('admin_token = admin-token-that-was-typed');
    expect(text).toContain('tracking_uri = http://127.0.0.1:8001/api/mlflow');
    expect(stderr).not.toContain(KEY);
    expect(stderr).not.toContain('admin-token-that-was-typed');
  });

  it('adds a named profile beside the others, which commands then use', async () => {
    await hokusai(['configure', '--api-key-stdin'], { home: home.path, stdin: KEY });
    const args = ['configure', '--profile', 'staging', '--auth-service-url', 'https://auth-staging.hokus.ai'];
    expect((await hokusai(args, { home: home.path })).code).toBe(0);
    expect(await readFile(path, 'utf8')).toMatch(/^\[default\][^]*\[staging\]\nauth_service_url = /);
    const { stderr } = await hokusai(['--profile', 'staging', 'auth', 'validate'], { home: home.path });
    expect(stderr).toContain('API key required');
  });

  it.each([
    ['an address that is none', ['--tracking-uri', 'registry'], '', 'tracking_uri must be'],
    ['a key with quotes', ['--api-key-stdin'], `"${KEY}"`, 'quotes'],
    ['two secrets on one standard input', ['--api-key-stdin', '--admin-token-stdin'], KEY, 'one secret'],
    ['nothing to write and no terminal', [], '', 'no terminal'],
    ['a profile with a dot', ['--profile', 'a.b', '--api-key-stdin'], KEY, 'profile name'],
  ])('refuses %s, and writes nothing', async (_what, args, stdin, text) => {
    const { code, stderr } = await hokusai(['configure', ...args], { home: home.path, stdin });
    expect(code).toBe(2);
    expect(stderr).toContain(text);
    expect(stderr).not.toContain(KEY);
    await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('writes what the next command reads, and warns once the file is open to others', async () => {
    await hokusai(['configure', '--auth-service-url', 'http://127.0.0.1:9'], { home: home.path });
    const { chmod } = await import('node:fs/promises');
    await chmod(path, 0o644);
    const { stderr } = await hokusai(['auth', 'validate'], { home: home.path });
    expect(stderr).toMatch(/^Warning: .*chmod 600/);
  });
});
