import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempDir, type TempDir } from '../../../test/support/lib/temp-dir.js';
import { clientEnvironment } from './client-environment.check.js';
import type { VerifyContext } from './verify-context.js';

const TRACKING_URI = 'https://h.example/api/mlflow';
const KEY = 'hk_live_abcdefghijklmnopqrstuvwxyz012345';
const SOUND = { MLFLOW_TRACKING_URI: TRACKING_URI, MLFLOW_TRACKING_TOKEN: KEY };

let home: TempDir;
beforeEach(async () => (home = await tempDir('home')));
afterEach(() => home.remove());

function check(env: Record<string, string>) {
  const context: Partial<VerifyContext> = {
    env,
    homeDirectory: home.path,
    trackingUri: TRACKING_URI,
    apiKey: KEY,
  };
  return clientEnvironment.run(context as VerifyContext);
}

it('is sound with the address and the key', async () => {
  expect((await check(SOUND)).status).toBe('pass');
  expect((await check({ ...SOUND, MLFLOW_TRACKING_URI: `${TRACKING_URI}/` })).status).toBe('pass');
});

it('is sound with the key as a Basic password', async () => {
  const { MLFLOW_TRACKING_URI } = SOUND;
  const env = { MLFLOW_TRACKING_URI, MLFLOW_TRACKING_USERNAME: 'token', MLFLOW_TRACKING_PASSWORD: KEY };
  expect((await check(env)).status).toBe('pass');
});

it.each([
  ['a password that beats the token', { MLFLOW_TRACKING_USERNAME: 'ada', MLFLOW_TRACKING_PASSWORD: 'x' }],
  ['quotes around the token', { MLFLOW_TRACKING_TOKEN: `"${KEY}"` }],
  ['a line break in the token', { MLFLOW_TRACKING_TOKEN: `${KEY}\n` }],
])('fails with %s', async (_what, env) => {
  expect(await check({ ...SOUND, ...env })).toMatchObject({ status: 'fail', fault: 'client-environment' });
});

it.each([
  ['no address', { MLFLOW_TRACKING_URI: '' }, 'MLFLOW_TRACKING_URI is not set'],
  ['another address', { MLFLOW_TRACKING_URI: 'https://else.example' }, 'another address'],
  ['no token', { MLFLOW_TRACKING_TOKEN: '' }, 'MLFLOW_TRACKING_TOKEN is not set'],
  ['another token', { MLFLOW_TRACKING_TOKEN: 'hk_live_other' }, 'another key'],
  ['certificate checks off', { MLFLOW_TRACKING_INSECURE_TLS: 'true' }, 'certificate checks off'],
  ['a plugin for authentication', { MLFLOW_TRACKING_AUTH: 'x' }, 'plugin'],
])('warns of %s', async (_what, env, seen) => {
  const finding = await check({ ...SOUND, ...env });
  expect(finding.status).toBe('warn');
  expect(finding.seen).toContain(seen);
});

it.each(['machine h.example login ada password x', 'default login ada password x'])(
  'warns of "%s" in .netrc, which beats the token',
  async (text) => {
    await writeFile(join(home.path, '.netrc'), `# mine\n${text}\n`);
    expect(await check(SOUND)).toMatchObject({ status: 'warn', seen: expect.stringContaining('.netrc') });
  },
);

it('does not mind another machine in .netrc', async () => {
  await writeFile(join(home.path, '.netrc'), 'machine other.example login ada password x\n');
  expect((await check(SOUND)).status).toBe('pass');
});

it('never shows a key', async () => {
  const other = 'hk_live_zyxwvutsrqponmlkjihgfedcba543210';
  expect(JSON.stringify(await check({ ...SOUND, MLFLOW_TRACKING_TOKEN: other }))).not.toMatch(
    /hk_live_[a-z]/,
  );
});
