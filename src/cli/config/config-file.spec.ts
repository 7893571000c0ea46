import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempDir, type TempDir } from '../../../test/support/lib/temp-dir.js';
import { checkProfileName, configPath, readConfigFile, writeProfile } from './config-file.js';

let dir: TempDir;
let path: string;

beforeEach(async () => {
  dir = await tempDir('config');
  path = join(dir.path, '.hokusai', 'config');
});
afterEach(() => dir.remove());

async function fileHolds(text: string, mode = 0o600): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, text);
  await chmod(path, mode);
}

async function modeOf(file: string): Promise<number> {
  return (await stat(file)).mode & 0o777;
}

describe('the path', () => {
  it('is ~/.hokusai/config, unless HOKUSAI_CONFIG_FILE says otherwise', () => {
    expect(configPath({ env: {}, homeDirectory: '/home/ada' })).toBe('/home/ada/.hokusai/config');
    expect(configPath({ env: { HOKUSAI_CONFIG_FILE: '/etc/h' }, homeDirectory: '/home/ada' })).toBe('/etc/h');
  });
});

describe('reading', () => {
  it('takes a file that is not there for an empty one', async () => {
    await expect(readConfigFile(path)).resolves.toMatchObject({
      path,
      exists: false,
      sections: {},
      warnings: [],
    });
  });

  it('reads the file of the migration guide', async () => {
    await fileHolds(
      '[default]\napi_key = hk_live_your_api_key_here\nadmin_token = your_admin_token_here\n' +
        'auth_service_url = https://auth.hokus.ai\n',
    );
    const { sections, warnings } = await readConfigFile(path);
    expect(sections).toEqual({
      default: {
        api_key: 'hk_live_your_api_key_here',
        admin_token: 'your_admin_token_here',
        auth_service_url: 'https://auth.hokus.ai',
      },
    });
    expect(warnings).toEqual([]);
  });

  it('reads named profiles, comments, quotes, and members above the first section as the default profile', async () => {
    await fileHolds('; mine\napi_key = a\n\n[staging]\n# theirs\napi_key = "b"\nflag = true\n');
    const { sections } = await readConfigFile(path);
    expect(sections).toEqual({ default: { api_key: 'a' }, staging: { api_key: 'b', flag: 'true' } });
  });

  it('lets a section named like a member of every object be a section and nothing else', async () => {
    await fileHolds('[__proto__]\napi_key = x\n[constructor]\napi_key = y\n');
    const { sections } = await readConfigFile(path);
    expect(({} as Record<string, unknown>)['api_key']).toBeUndefined();
    expect(Object.getPrototypeOf(sections)).toBe(Object.prototype);
  });

  it.each([
    ['an unknown name', '[default]\napi_kee = geheim\n', ['"api_kee" in line 2']],
    ['a line without "="', '[default]\n\napi_key geheim\n', ['line 3']],
    ['a colon in place of "="', '; mine\nAPI_KEY: geheim\n', ['line 2']],
    ['a name that may itself be a secret', '[default]\nhk_live_geheim0=\ngeheim==\n', ['line 2', 'line 3']],
    ['a section that is indented', '[default]\n  [staging]\n', ['line 2']],
    ['nothing that is understood', '# a\r\n[default]\r\n"api_key" = geheim\r\n\ttracking_uri=x\r\n', []],
    ['nothing of another profile', '[default]\n[staging]\napi_kee = geheim\n', []],
  ])('names %s by its line and never by its value', async (_what, text, places) => {
    await fileHolds(text);
    const { notUnderstood } = await readConfigFile(path);
    expect(notUnderstood('default')).toEqual(places);
  });

  it.each([0o644, 0o640, 0o604, 0o660])('warns of mode %o, which others can use', async (mode) => {
    await fileHolds('[default]\n', mode);
    const { warnings } = await readConfigFile(path);
    expect(warnings).toEqual([expect.stringContaining(`chmod 600 ${path}`)]);
  });

  it('says which file it cannot read, as a wrong setting', async () => {
    await mkdir(path, { recursive: true });
    await expect(readConfigFile(path)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining(path),
    });
  });
});

describe('writing', () => {
  it('makes a file and a folder that only their owner can read, under any umask', async () => {
    const before = process.umask(0);
    await writeProfile(path, 'default', { api_key: 'k' }).finally(() => process.umask(before));
    expect(await modeOf(path)).toBe(0o600);
    expect(await modeOf(join(path, '..'))).toBe(0o700);
  });

  it('closes a file that was open to others', async () => {
    await fileHolds('[default]\napi_key = old\n', 0o644);
    await writeProfile(path, 'default', { api_key: 'new' });
    expect(await modeOf(path)).toBe(0o600);
  });

  it('keeps other profiles and members that it does not know', async () => {
    await fileHolds('[default]\napi_key = a\nteam = x\n[staging]\napi_key = b\n');
    await writeProfile(path, 'staging', { tracking_uri: 'http://127.0.0.1:8001/api/mlflow' });
    const { sections } = await readConfigFile(path);
    expect(sections).toEqual({
      default: { api_key: 'a', team: 'x' },
      staging: { api_key: 'b', tracking_uri: 'http://127.0.0.1:8001/api/mlflow' },
    });
  });

  it('reads back exactly what it wrote, also what INI gives a meaning to', async () => {
    const values = {
      api_key: 'a;b#c=d',
      admin_token: '"quoted"',
      auth_service_url: 'https://h/[x]?a=1&b=%20',
    };
    await writeProfile(path, 'default', values);
    expect((await readConfigFile(path)).sections['default']).toEqual(values);
  });

  it('takes out a member that is set to undefined', async () => {
    await writeProfile(path, 'default', { api_key: 'a', admin_token: 't' });
    await writeProfile(path, 'default', { admin_token: undefined });
    expect((await readConfigFile(path)).sections).toEqual({ default: { api_key: 'a' } });
  });

  it('ends with an error where the system lets no folder be made', async () => {
    const blocked = join(dir.path, 'file', 'folder', 'config');
    await writeFile(join(dir.path, 'file'), '');
    for (const place of ['/proc/x/y', '/proc/x/y/z', blocked])
      await expect(writeProfile(place, 'default', { api_key: 'k' })).rejects.toMatchObject({
        exitCode: 2,
        message: expect.stringMatching(/^.+ cannot be written \((ENOENT|EEXIST)\)$/),
        next: expect.stringContaining('HOKUSAI_CONFIG_FILE'),
      });
  });

  it('makes every folder that is missing, readable by its owner alone', async () => {
    const deep = join(dir.path, 'a', 'b', 'config');
    await writeProfile(deep, 'default', { api_key: 'k' });
    expect([await modeOf(join(dir.path, 'a')), await modeOf(join(dir.path, 'a', 'b'))]).toEqual([
      0o700, 0o700,
    ]);
  });

  it('leaves no temporary file behind, and writes through a symbolic link', async () => {
    const real = join(dir.path, 'real');
    await writeFile(real, '');
    await mkdir(join(path, '..'), { recursive: true });
    await symlink(real, path);
    await writeProfile(path, 'default', { api_key: 'k' });
    expect(await readFile(real, 'utf8')).toContain('api_key = k');
    expect(await readdir(join(path, '..'))).toEqual(['config']);
    expect((await readdir(dir.path)).sort()).toEqual(['.hokusai', 'real']);
  });
});

describe('names of profiles', () => {
  it.each(['default', 'staging-2', 'a_b'])('may be %s', (name) => {
    expect(checkProfileName(name)).toBe(name);
  });

  it.each(['', 'a b', 'a.b', '../x', 'x'.repeat(65), 'a]'])('may not be %j', (name) => {
    expect(() => checkProfileName(name)).toThrow('letters, digits');
  });
});
