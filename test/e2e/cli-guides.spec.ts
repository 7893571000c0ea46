import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setup } from '../../src/sdk/index.js';
import { clientEnv } from '../support/programs/hokusai-env.js';
import { shell, type CliResult } from '../support/programs/hokusai.js';
import { runPython } from '../support/programs/python-client.js';
import { startSystem, type StartedSystem } from '../support/systems/started-system.js';
import { tempDir, type TempDir } from '../support/lib/temp-dir.js';

/**
 * The commands of the migration guide, the task list and the deployment guide, letter by letter, against what
 * `npm start` runs. Only keys, tokens and hosts are put in where the guides have placeholders.
 */

let system: StartedSystem;
let bin: TempDir;
let home: TempDir;

beforeAll(async () => {
  bin = await tempDir('bin');
  home = await tempDir('home');
  system = await startSystem();
}, 300_000);
afterAll(async () => {
  await system?.close();
  await bin?.remove();
  await home?.remove();
});

function type(script: string, env: Record<string, string> = {}): Promise<CliResult> {
  return shell(script, bin.path, { env, home: home.path });
}

/** What an administrator has exported. */
function adminEnv(): Record<string, string> {
  return { HOKUSAI_AUTH_SERVICE_URL: system.keyService.url, HOKUSAI_ADMIN_TOKEN: system.adminToken };
}

const STEP_4 = `
# Create a new key
hokusai auth create-key --name "Production Key"

# List your keys
hokusai auth list-keys

# Validate a key
hokusai auth validate
`;
const STEP_4_SHOWS = /hk_live_[0-9A-Za-z]{49}\n[^]*Production Key[^]*The key is valid/;

describe('the migration guide', () => {
  it('steps 2 and 4: exports, then create-key, list-keys and validate', async () => {
    const { code, stdout } = await type(`
# Required for key management
export HOKUSAI_ADMIN_TOKEN=${system.adminToken}

# Optional - defaults to https://auth.hokus.ai
export HOKUSAI_AUTH_SERVICE_URL=${system.keyService.url}

# Your API key (same format as before)
export HOKUSAI_API_KEY=${system.apiKey}
${STEP_4}`);
    expect([code, stdout]).toEqual([0, expect.stringMatching(STEP_4_SHOWS)]);
  });

  it('steps 3 and 4: the same by ~/.hokusai/config', async () => {
    await mkdir(join(home.path, '.hokusai'), { recursive: true });
    await writeFile(
      join(home.path, '.hokusai', 'config'),
      `[default]\napi_key = ${system.apiKey}\nadmin_token = ${system.adminToken}\nauth_service_url = ${system.keyService.url}\n`,
      { mode: 0o600 },
    );
    const { code, stdout, stderr } = await type(STEP_4);
    expect([code, stdout]).toEqual([0, expect.stringMatching(STEP_4_SHOWS)]);
    expect(stderr).not.toContain('Warning');
  });

  it('step 5: the setup of the Python SDK, in TypeScript', async () => {
    const { auth, experiments } = await setup({
      apiKey: system.apiKey,
      validateWithAuthService: true,
      authServiceUrl: system.keyService.url,
      trackingUri: `${system.gateway.url}/api/mlflow`,
      env: {},
    });
    expect(await auth.validate()).toMatchObject({ valid: true });
    expect((await experiments.getByName('Default')).experimentId).toBe('0');
  });

  it('step 6: the key management of Python programs, and the same by the TypeScript SDK', async () => {
    const python = await runPython(`
import json, requests
admin_token = "${system.adminToken}"
# New way - calls to auth service with admin token
response = requests.post(
    "${system.keyService.url}/api/v1/keys",
    headers={"Authorization": f"Bearer {admin_token}"},
    json={
        "name": "My Key",
        "service_id": "ml-platform"
    }
)
print(json.dumps({"status": response.status_code, **response.json()}))
`);
    const wanted = { name: 'My Key', service_id: 'ml-platform', api_key: expect.stringMatching(/^hk_live_/) };
    expect(python.json()).toMatchObject({ status: 201, ...wanted });
    const { auth } = await setup({
      ...{ apiKey: system.apiKey, adminToken: system.adminToken, authServiceUrl: system.keyService.url },
      ...{ trackingUri: `${system.gateway.url}/api/mlflow`, env: {} },
    });
    expect(await auth.createKey({ name: 'My Key', service_id: 'ml-platform' })).toMatchObject(wanted);
  });

  it('troubleshooting: both errors that it names say what to set', async () => {
    const [url, config] = [system.keyService.url, join(home.path, 'no-config')];
    const tokenless = { HOKUSAI_AUTH_SERVICE_URL: url, HOKUSAI_CONFIG_FILE: config };
    const denied = await type('hokusai auth list-keys', tokenless);
    expect([denied.code, denied.stderr]).toEqual([
      2,
      expect.stringMatching(/^Error: Admin token required: set HOKUSAI_ADMIN_TOKEN/),
    ]);
    const away = await type('hokusai auth validate', { HOKUSAI_AUTH_SERVICE_URL: 'http://127.0.0.1:1' });
    expect([away.code, away.stderr]).toEqual([5, expect.stringContaining('HOKUSAI_AUTH_SERVICE_URL')]);
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
    const { code, stdout, stderr } = await type(script, adminEnv());
    expect([code, stderr]).toEqual([0, expect.stringContaining('Revoked "second"')]);
    expect(stdout).toMatch(/first[^]*hk_live_[0-9A-Za-z]{49}\n$/);
  });

  it.each([
    ['create-key', '--name'],
    ['revoke-key', 'key-id'],
    ['rotate-key', 'key-id'],
  ])('hokusai auth %s alone says what is missing', async (command, missing) => {
    const { code, stderr } = await type(`hokusai auth ${command}`, adminEnv());
    expect([code, stderr]).toEqual([2, expect.stringContaining(missing)]);
  });
});

describe('the deployment guide', () => {
  it('health checks and the Bearer test by curl', async () => {
    const { url } = system.gateway;
    const { stdout, code } = await type(`
# Check API service health
curl ${url}/health

# Check MLflow proxy health
curl ${url}/api/mlflow/health/mlflow

# Test with a valid API key
curl -H "Authorization: Bearer ${system.apiKey}" \\
     ${url}/api/mlflow/api/2.0/mlflow/experiments/search?max_results=10`);
    expect(code).toBe(0);
    // MLflow is shared with other tests, whose experiments may fill the page.
    expect(stdout).toMatch(/"status":"ok"[^]*experiments_api[^]*"experiment_id": ?"\d+"/);
  });

  it('the client integration, in Python', async () => {
    const { output, code } = await runPython(`
import mlflow
import os

# Configure MLflow client
os.environ["MLFLOW_TRACKING_URI"] = "${system.gateway.url}/api/mlflow"
os.environ["MLFLOW_TRACKING_TOKEN"] = "${system.apiKey}"

# Test connection
client = mlflow.tracking.MlflowClient()
experiments = client.search_experiments()
print(f"Success! Found {len(experiments)} experiments")
`);
    expect([code, output]).toEqual([0, expect.stringMatching(/Success! Found [1-9]\d* experiments/)]);
  });

  it('the verification script, which is hokusai verify, on a real MLflow in under 10 s', async () => {
    const startedMs = performance.now();
    const { code, stdout, stderr } = await type('hokusai verify', clientEnv(system, system.apiKey));
    expect([code, stdout + stderr]).toEqual([0, expect.stringContaining('0 warnings, 0 failed, 0 skipped')]);
    expect(performance.now() - startedMs).toBeLessThan(10_000);
  });
});
