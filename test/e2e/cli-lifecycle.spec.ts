import { randomBytes, randomUUID } from 'node:crypto';
import { AuthenticationError, setup, type Hokusai } from '../../src/sdk/index.js';
import { eventually } from '../support/lib/eventually.js';
import { adminEnv, clientEnv } from '../support/programs/hokusai-env.js';
import { spawnHokusai, type CliResult } from '../support/programs/hokusai.js';
import { runPython } from '../support/programs/python-client.js';
import { startWholeSystem, type WholeSystem } from '../support/systems/whole-system.js';

interface NewKey {
  key_id: string;
  api_key: string;
}
interface Usage {
  total_requests: number;
  total_errors: number;
  last_used_at: string | null;
  rows: { endpoint: string; requests: number }[];
}

let system: WholeSystem;

beforeAll(async () => {
  system = await startWholeSystem({ USAGE_FLUSH_INTERVAL_MS: '50' });
}, 240_000);
afterAll(() => system?.close());

async function admin(...args: string[]): Promise<CliResult> {
  const result = await spawnHokusai(args, { env: adminEnv(system) });
  if (result.code !== 0) throw new Error(`hokusai ${args.join(' ')}: ${result.stderr}`);
  return result;
}

function sdk(apiKey: string): Promise<Hokusai> {
  return setup({
    apiKey,
    trackingUri: `${system.gateway.url}/api/mlflow`,
    authServiceUrl: system.keyService.url,
    validateWithAuthService: true,
    env: {},
  });
}

/** Registers a model by the SDK and reads its file back. */
async function registerAndLoad({ experiments, registry }: Hokusai, name: string): Promise<boolean> {
  const weights = randomBytes(100_000);
  const experiment = await experiments.getOrCreate(`sdk-${name}`);
  const run = await experiments.runs.start(experiment.experimentId);
  await experiments.runs.log(run.runId, { params: { rate: '0.1' }, metrics: { loss: 0.5 } });
  await experiments.artifacts.upload(run, 'model/weights.bin', weights);
  await experiments.runs.end(run.runId);
  const { version } = await registry.register({
    name,
    source: `runs:/${run.runId}/model`,
    aliases: ['champion'],
  });
  const champion = await registry.versions.getByAlias(name, 'champion');
  const loaded = await (
    await registry.versions.files.download(name, champion.version, 'weights.bin')
  ).bytes();
  return champion.version === version && weights.equals(loaded);
}

/** The same by the unmodified Python client, down to a prediction of the loaded model. */
const PYTHON = `
import json, mlflow, mlflow.pyfunc, sys

class Doubler(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input):
        return [2 * x for x in model_input["x"]]

name = "NAME"
mlflow.set_experiment("python-" + name)
with mlflow.start_run():
    mlflow.log_metric("loss", 0.42)
    mlflow.pyfunc.log_model(name="model", python_model=Doubler(), pip_requirements=[], registered_model_name=name)
import pandas
model = mlflow.pyfunc.load_model("models:/" + name + "/1")
print(json.dumps({"predicted": list(model.predict(pandas.DataFrame({"x": [1, 2, 3]})))}))
`;

const SEARCH = `
import json, mlflow
from mlflow.exceptions import MlflowException
try:
    found = len(mlflow.MlflowClient().search_experiments(max_results=1))
    print(json.dumps({"found": found}))
except MlflowException as error:
    print(json.dumps({"error": str(error), "code": error.error_code}))
`;

async function pythonSearch(apiKey: string): Promise<{ found?: number; error?: string; code?: string }> {
  return (await runPython(SEARCH, { url: system.gateway.url, token: apiKey })).json();
}

it('a key is made, used by SDK and Python, counted, rotated with overlap, revoked, and refused', async () => {
  const name = `model-${randomUUID()}`;

  // Made by the command line.
  const created = (await admin('auth', 'create-key', '--name', name, '--json')).json<NewKey>();
  expect(created.api_key).toMatch(/^hk_live_/);
  const { code } = await spawnHokusai(['auth', 'validate'], { env: clientEnv(system, created.api_key) });
  expect(code).toBe(0);

  // Used by the SDK, and by the Python client.
  const client = await sdk(created.api_key);
  expect(await registerAndLoad(client, `${name}-sdk`)).toBe(true);
  const python = await runPython(PYTHON.replace('NAME', `${name}-py`), {
    url: system.gateway.url,
    token: created.api_key,
  });
  expect(python.json()).toEqual({ predicted: [2, 4, 6] });

  // Counted.
  const usage = await eventually(async () => {
    const report = (await admin('auth', 'usage', created.key_id, '--json')).json<Usage>();
    return report.rows.some(({ endpoint }) => endpoint.includes('model-versions/create')) && report;
  });
  expect(usage.total_requests).toBeGreaterThan(15);
  expect(usage.last_used_at).not.toBeNull();
  const table = await admin('auth', 'usage', created.key_id);
  expect(table.stdout).toMatch(/^PERIOD +KEY ID +ENDPOINT +REQUESTS/);
  expect(table.stderr).toMatch(/^\d+ requests, \d+ errors/);
  expect((await admin('auth', 'list-keys')).stdout).toContain(name);

  // Rotated: both are good during the overlap.
  const rotated = await admin('auth', 'rotate-key', created.key_id, '--overlap', '1h', '--yes', '--json');
  const successor = rotated.json<NewKey>();
  expect(await pythonSearch(created.api_key)).toEqual({ found: 1 });
  expect(await pythonSearch(successor.api_key)).toEqual({ found: 1 });

  // The old one is revoked: refused within a second though the gateway had it in its cache.
  await admin('auth', 'revoke-key', created.key_id, '--yes');
  await eventually(
    async () => {
      const fault: unknown = await client.registry.get(`${name}-sdk`).catch((error: unknown) => error);
      return fault instanceof AuthenticationError;
    },
    { timeoutMs: 1000, what: 'the refusal of the revoked key' },
  );
  expect(await pythonSearch(successor.api_key)).toEqual({ found: 1 });

  // And so is the new one, which Python's user reads as a sentence.
  await admin('auth', 'revoke-key', successor.key_id, '--yes');
  const refused = await eventually(async () => {
    const answer = await pythonSearch(successor.api_key);
    return answer.error !== undefined && answer;
  });
  expect(refused.code).toBe('UNAUTHENTICATED');
  expect(refused.error).toContain('Invalid or expired API key');
  const verdict = await spawnHokusai(['verify', '--json'], {
    env: { ...clientEnv(system, successor.api_key), ...adminEnv(system) },
  });
  expect(verdict.code).toBe(3);
  const { checks } = verdict.json<{ checks: { status: string; fault?: string }[] }>();
  expect(checks.find(({ status }) => status === 'fail')?.fault).toBe('key-revoked');
}, 300_000);
