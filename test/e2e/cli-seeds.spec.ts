import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { adminEnv, clientEnv } from '../support/hokusai-env.js';
import { shell, type CliResult } from '../support/hokusai.js';
import { TEST_ADMIN_TOKEN } from '../support/key-service.js';
import { tempDir, type TempDir } from '../support/temp-dir.js';
import { startWholeSystem, type WholeSystem } from '../support/whole-system.js';

/** The commands of the migration guide, the task list and the deployment guide, letter by letter. */

let system: WholeSystem;
let bin: TempDir;
let home: TempDir;
let apiKey: string;

beforeAll(async () => {
  system = await startWholeSystem();
  bin = await tempDir('bin');
  home = await tempDir('home');
  apiKey = (await system.newKey({ name: 'of the guide' })).api_key;
}, 240_000);
afterAll(async () => {
  await system?.close();
  await bin?.remove();
  await home?.remove();
});

function type(script: string, env: Record<string, string> = {}): Promise<CliResult> {
  return shell(script, bin.path, { env, home: home.path });
}

describe('the migration guide', () => {
  it.each([
    ['hokusai auth create-key --name "Production Key"', /^hk_live_/],
    ['hokusai auth list-keys', /Production Key/],
    ['hokusai auth validate', /The key is valid/],
  ])('step 4 by environment variables: %s', async (command, shown) => {
    const exports = [
      `export HOKUSAI_ADMIN_TOKEN=${TEST_ADMIN_TOKEN}`,
      `export HOKUSAI_AUTH_SERVICE_URL=${system.keyService.url}`,
      `export HOKUSAI_API_KEY=${apiKey}`,
    ];
    const { code, stdout, stderr } = await type([...exports, command].join('\n'));
    expect([code, stdout, stderr]).toEqual([0, expect.stringMatching(shown), expect.any(String)]);
  });

  it('step 3: the same by the config file', async () => {
    await mkdir(join(home.path, '.hokusai'), { recursive: true });
    await writeFile(
      join(home.path, '.hokusai', 'config'),
      `[default]\napi_key = ${apiKey}\nadmin_token = ${TEST_ADMIN_TOKEN}\nauth_service_url = ${system.keyService.url}\n`,
      { mode: 0o600 },
    );
    const { code, stdout } = await type(
      'hokusai auth create-key --name "Production Key"\nhokusai auth list-keys\nhokusai auth validate',
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/hk_live_[^]*Production Key[^]*The key is valid/);
  });
});

describe('the task list', () => {
  it('create-key, list-keys, revoke-key and rotate-key, with feedback', async () => {
    const script = `
      id() { hokusai auth create-key --name "$1" --json | sed -n 's/.*"key_id": "\\(.*\\)",/\\1/p'; }
      first=$(id first); second=$(id second)
      hokusai auth list-keys
      hokusai auth rotate-key "$first" --yes
      hokusai auth revoke-key "$second" --yes`;
    const { code, stdout, stderr } = await type(script, adminEnv(system));
    expect([code, stderr]).toEqual([0, expect.stringContaining('Revoked "second"')]);
    expect(stdout).toMatch(/first[^]*hk_live_[0-9A-Za-z]{49}\n$/);
  });

  it('errors say what to do', async () => {
    const env = { HOKUSAI_AUTH_SERVICE_URL: system.keyService.url, HOKUSAI_CONFIG_FILE: '/nonexistent' };
    const { code, stderr } = await type('hokusai auth list-keys', env);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^Error: Admin token required: set HOKUSAI_ADMIN_TOKEN/);
  });
});

describe('the deployment guide', () => {
  it('health checks and the Bearer test by curl', async () => {
    const { url } = system.gateway;
    const script = `
      curl -sf ${url}/health
      curl -sf ${url}/api/mlflow/health/mlflow
      curl -s -o /dev/null -w '%{http_code}' -H "Authorization: Bearer ${apiKey}" \\
        '${url}/api/mlflow/api/2.0/mlflow/experiments/search?max_results=10'`;
    const { stdout, code } = await type(script);
    expect(code).toBe(0);
    expect(stdout).toMatch(/"status":"ok"[^]*experiments_api[^]*200$/);
  });

  it('the verification script, which is hokusai verify, on a real MLflow in under 10 s', async () => {
    const startedMs = performance.now();
    const { code, stdout, stderr } = await type('hokusai verify', clientEnv(system, apiKey));
    expect([code, stdout + stderr]).toEqual([0, expect.stringContaining('0 warnings, 0 failed, 0 skipped')]);
    expect(performance.now() - startedMs).toBeLessThan(10_000);
  });
});
