import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempDir, type TempDir } from '../../../test/support/lib/temp-dir.js';
import { requireAdminToken, requireApiKey, resolveSettings, type GivenSettings } from './settings.js';

let home: TempDir;

beforeEach(async () => {
  home = await tempDir('home');
  await mkdir(join(home.path, '.hokusai'));
  await writeFile(
    join(home.path, '.hokusai', 'config'),
    '[default]\napi_key = file-key\nadmin_token = file-token\nauth_service_url = https://file.example\n' +
      '[staging]\napi_key = staging-key\n',
    { mode: 0o600 },
  );
});
afterEach(() => home.remove());

function resolve(env: Record<string, string> = {}, given: GivenSettings = {}, homeDirectory = home.path) {
  return resolveSettings({ env, homeDirectory }, given);
}

describe('precedence', () => {
  it('is the command, then the environment, then the profile, then the default', async () => {
    const env = { HOKUSAI_AUTH_SERVICE_URL: 'https://env.example' };
    const given = { authServiceUrl: 'https://option.example' };
    expect((await resolve(env, given)).authServiceUrl).toEqual({
      value: 'https://option.example',
      source: '--auth-service-url',
    });
    expect((await resolve(env)).authServiceUrl).toEqual({
      value: 'https://env.example',
      source: 'HOKUSAI_AUTH_SERVICE_URL',
    });
    expect((await resolve()).authServiceUrl).toEqual({
      value: 'https://file.example',
      source: 'profile default',
    });
    expect((await resolve({}, {}, '/nonexistent')).authServiceUrl).toEqual({
      value: 'https://auth.hokus.ai',
      source: 'default',
    });
  });

  it('takes the key of standard input before that of the environment', async () => {
    const given = { apiKey: { value: 'piped', source: 'standard input' } };
    expect((await resolve({ HOKUSAI_API_KEY: 'env' }, given)).apiKey?.value).toBe('piped');
  });

  it('takes HOKUSAI_API_KEY before MLFLOW_TRACKING_TOKEN, and both before the profile', async () => {
    const both = { HOKUSAI_API_KEY: 'one', MLFLOW_TRACKING_TOKEN: 'two' };
    expect((await resolve(both)).apiKey).toEqual({ value: 'one', source: 'HOKUSAI_API_KEY' });
    expect((await resolve({ MLFLOW_TRACKING_TOKEN: 'two' })).apiKey?.value).toBe('two');
    expect((await resolve()).apiKey?.value).toBe('file-key');
  });

  it('takes an empty variable for one that is not set', async () => {
    expect((await resolve({ HOKUSAI_API_KEY: '  ' })).apiKey?.value).toBe('file-key');
  });
});

describe('profiles', () => {
  it.each([
    ['--profile', {}, { profile: 'staging' }],
    ['HOKUSAI_PROFILE', { HOKUSAI_PROFILE: 'staging' }, {}],
  ])('are chosen by %s', async (_how, env, given) => {
    const settings = await resolve(env, given);
    expect(settings.profile).toBe('staging');
    expect(settings.apiKey?.value).toBe('staging-key');
  });

  it('take nothing from the default profile: its admin token is for another system', async () => {
    const { adminToken, authServiceUrl } = await resolve({}, { profile: 'staging' });
    expect(adminToken).toBeUndefined();
    expect(authServiceUrl.source).toBe('default');
  });

  it('must be there when asked for by name', async () => {
    await expect(resolve({}, { profile: 'production' })).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('no profile "production"'),
      next: expect.stringContaining('hokusai configure --profile production'),
    });
  });

  it('say so when the environment overrides one that was asked for', async () => {
    const { warnings } = await resolve({ HOKUSAI_API_KEY: 'env' }, { profile: 'staging' });
    expect(warnings).toEqual(['HOKUSAI_API_KEY is set and overrides api_key of profile staging.']);
  });
});

describe('addresses', () => {
  it('lose the slashes at their end', async () => {
    const { trackingUri } = await resolve({ MLFLOW_TRACKING_URI: 'https://h.example/api/mlflow//' });
    expect(trackingUri.value).toBe('https://h.example/api/mlflow');
  });

  it.each(['ftp://h.example', 'h.example', './mlruns', 'databricks'])(
    'must be http(s), not %s',
    async (value) => {
      await expect(resolve({ MLFLOW_TRACKING_URI: value })).rejects.toMatchObject({
        exitCode: 2,
        message: 'The address in MLFLOW_TRACKING_URI is not an http:// or https:// URL',
      });
    },
  );

  it('hold no password, and the error does not show it', async () => {
    const asked = resolve({ MLFLOW_TRACKING_URI: 'https://user:geheim@h.example' });
    await expect(asked).rejects.toMatchObject({
      exitCode: 2,
      message: expect.not.stringContaining('geheim'),
    });
  });

  it('of plain http bring a warning, except on this machine', async () => {
    const remote = await resolve({ HOKUSAI_AUTH_SERVICE_URL: 'http://auth.internal:8000' });
    expect(remote.warnings).toEqual([expect.stringContaining('HOKUSAI_AUTH_SERVICE_URL is plain http://')]);
    const local = await resolve({ HOKUSAI_AUTH_SERVICE_URL: 'http://127.0.0.1:8000' });
    expect(local.warnings).toEqual([]);
  });
});

describe('what a command cannot do without', () => {
  it('is named with every way to set it', () => {
    expect(() => requireApiKey({ apiKey: undefined })).toThrow('API key required');
    expect(() => requireAdminToken({ adminToken: undefined })).toThrow('Admin token required');
    expect(requireApiKey({ apiKey: { value: 'k', source: 's' } })).toBe('k');
    expect(requireAdminToken({ adminToken: { value: 't', source: 's' } })).toBe('t');
  });

  it.each([
    ['api_kee = geheim', '"api_kee" in line 2 is not understood'],
    ['api_key geheim\nadmin_toke = geheim', 'line 2, "admin_toke" in line 3 are not understood'],
  ])('is asked for with the entry of the file that was not understood: %j', async (lines, text) => {
    const path = join(home.path, '.hokusai', 'config');
    await writeFile(path, `[default]\n${lines}\n`, { mode: 0o600 });
    const settings = await resolve();
    for (const require of [requireApiKey, requireAdminToken])
      expect(() => require(settings)).toThrow(
        expect.objectContaining({
          message: expect.stringMatching(/^(API key|Admin token) required$/),
          next: expect.stringMatching(new RegExp(`^In ${path}, ${text}`)),
        }),
      );
    expect(JSON.stringify(settings)).not.toContain('geheim');
  });

  it('is asked for without a warning about a file that is understood completely', async () => {
    const settings = await resolve({}, { profile: 'staging' });
    expect(() => requireAdminToken(settings)).toThrow(
      expect.objectContaining({ next: expect.stringMatching(/^Set HOKUSAI_ADMIN_TOKEN/) }),
    );
  });
});
