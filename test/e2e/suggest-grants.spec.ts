import type { Grants } from '../../src/contracts/access/grants.js';
import type { GrantSuggestionResponse } from '../../src/contracts/usage/grant-suggestion.js';
import { eventually } from '../support/lib/eventually.js';
import { adminEnv } from '../support/programs/hokusai-env.js';
import { shell } from '../support/programs/hokusai.js';
import { startPythonSession, type PythonSession } from '../support/programs/python-session.js';
import { tempDir, type TempDir } from '../support/lib/temp-dir.js';
import { startWholeSystem, type WholeSystem } from '../support/systems/whole-system.js';

const EXPERIMENT = 'suggested/training';
const MODEL = 'suggested-model';
const PROMPT = 'suggested-prompt';

/** All that grants decide: the gateway looks at every request, and refuses none. */
const EVERYTHING: Grants = {
  experiments: [{ name: '*', level: 'manage' }],
  models: [{ name: '*', level: 'manage' }],
  prompts: [{ name: '*', level: 'manage' }],
  endpoints: [{ name: '*', level: 'invoke' }],
};

const withKey = (key: string, snippet: string): string =>
  `os.environ["MLFLOW_TRACKING_TOKEN"] = ${JSON.stringify(key)}\nclient = mlflow.MlflowClient()\n${snippet}`;

/** Trains, registers and loads; writes a trace and a prompt. */
const JOB = `
class Doubler(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return [2 * x for x in model_input]
mlflow.set_experiment("${EXPERIMENT}")
with mlflow.start_run() as run:
    mlflow.log_metrics({"a": 1.0, "b": 2.0})
    mlflow.log_text("hello", "notes.txt")
    mlflow.pyfunc.log_model(name="model", python_model=Doubler(), pip_requirements=["mlflow"], registered_model_name="${MODEL}")
version = client.search_model_versions("name='${MODEL}'")[0].version
client.set_registered_model_alias("${MODEL}", "champion", version)
mlflow.genai.register_prompt(name="${PROMPT}", template="Hello {{name}}")
with mlflow.start_span("s") as span:
    span.set_inputs({"a": 1})
mlflow.flush_trace_async_logging()
mlflow.set_trace_tag(span.trace_id, "k", "v")
result = list(mlflow.pyfunc.load_model("models:/${MODEL}@champion").predict([1.0, 2.5]))
result.append(mlflow.genai.load_prompt("prompts:/${PROMPT}@latest").template)
`;
const DONE = [2, 5, 'Hello {{name}}'];

describe('grants suggested from usage', () => {
  let system: WholeSystem;
  let python: PythonSession;
  let bin: TempDir;

  beforeAll(async () => {
    system = await startWholeSystem({ USAGE_FLUSH_INTERVAL_MS: '50' });
    python = await startPythonSession({
      url: system.gateway.url,
      env: { MLFLOW_HTTP_REQUEST_MAX_RETRIES: '0' },
    });
    bin = await tempDir('bin');
  }, 300_000);
  afterAll(async () => {
    await python?.close();
    await system?.close();
    await bin?.remove();
  });

  const attempt = async (key: string, call: string): Promise<string | undefined> =>
    (await python.attempt(withKey(key, call))).error?.message;
  const suggestionFor = async (id: string): Promise<GrantSuggestionResponse> =>
    (await system.keyService.call<GrantSuggestionResponse>('GET', `/keys/${id}/grant-suggestion`)).body;
  /** Once every request of the key is known to the key service, and what they used, which is reported apart from them. */
  const settled = async (id: string, wanted: object): Promise<GrantSuggestionResponse> =>
    eventually(
      async () => {
        const made = system.gateway.logs.of('request').filter(({ key_id: key }) => key === id).length;
        const found = await suggestionFor(id);
        expect(found).toMatchObject({ ...wanted, requests: made });
        return made > 0 && found;
      },
      { timeoutMs: 30_000, intervalMs: 100 },
    );

  it('let another key do the same work again, and nothing else', async () => {
    const open = await system.newKey({ grants: EVERYTHING });
    expect(await python.run(withKey(open.api_key, JOB))).toEqual(DONE);
    const foreign = await system.newKey({ scopes: ['mlflow:access'] });
    const foreignRun = await python.run<string>(
      withKey(
        foreign.api_key,
        `b = client.create_experiment("foreign/training")
client.create_registered_model("foreign-model")
result = client.create_run(b).info.run_id`,
      ),
    );
    const suggestion = await settled(open.key_id, {
      scopes: ['experiment:write', 'artifact:write', 'trace:write', 'model:write', 'prompt:write'],
      grants: {
        experiments: [{ name: EXPERIMENT, level: 'write' }],
        models: [{ name: MODEL, level: 'write' }],
        prompts: [{ name: PROMPT, level: 'write' }],
      },
      gaps: [],
    });
    expect(Object.keys(suggestion.grants ?? {})).toEqual(['experiments', 'models', 'prompts']);

    // Taken over as an administrator does: the command that is printed, with the id of another key.
    const next = await system.newKey({ grants: {}, scopes: ['experiment:read'] });
    const env = adminEnv(system);
    const said = await shell(`hokusai auth suggest-grants ${open.key_id}`, bin.path, { env });
    expect([said.code, said.stderr]).toEqual([0, expect.stringContaining('To set exactly this:')]);
    const command = said.stdout.trimEnd().split('\n').at(-1) ?? '';
    const taken = await shell(command.replace(open.key_id, next.key_id), bin.path, { env });
    expect([taken.code, taken.stderr]).toEqual([0, expect.stringContaining('Changed')]);

    expect(await eventually(() => python.run(withKey(next.api_key, JOB)).catch(() => false))).toEqual(DONE);
    for (const call of [
      `client.get_run("${foreignRun}")`,
      `client.log_metric("${foreignRun}", "m", 1.0)`,
      'client.create_experiment("suggested/other")',
      'client.get_registered_model("foreign-model")',
      `client.delete_experiment(client.get_experiment_by_name("${EXPERIMENT}").experiment_id)`,
      `client.delete_registered_model("${MODEL}")`,
    ])
      expect(await attempt(next.api_key, call)).toMatch(/PERMISSION_DENIED/);
  }, 300_000);

  it('of a key that only loads a model are reads of that model', async () => {
    const loader = await system.newKey({ grants: EVERYTHING });
    const load = `result = list(mlflow.pyfunc.load_model("models:/${MODEL}@champion").predict([3.0]))`;
    expect(await python.run(withKey(loader.api_key, load))).toEqual([6]);
    const { grants } = await settled(loader.key_id, {
      scopes: ['artifact:read', 'model:read'],
      grants: { models: [{ name: MODEL, level: 'read' }] },
    });
    expect(Object.keys(grants ?? {})).toEqual(['models']);
  });

  it('of a key without grants are its scopes, and it is said that nobody looked further', async () => {
    const plain = await system.newKey({ scopes: ['mlflow:access'] });
    await python.run(withKey(plain.api_key, 'result = len(client.search_registered_models())'));
    await settled(plain.key_id, {
      scopes: ['model:read'],
      grants: null,
      gaps: [{ gap: 'without-grants', requests: 1 }],
    });
    const said = await shell(`hokusai auth suggest-grants ${plain.key_id}`, bin.path, {
      env: adminEnv(system),
    });
    expect(said.stderr).toContain('Warning: not covered (without-grants, 1)');
    expect(said.stdout.trimEnd().split('\n').slice(-2)).toEqual([
      `hokusai auth update-key ${plain.key_id} --scope model:read`,
      `hokusai auth update-key ${plain.key_id} --scope mlflow:manage --scope gateway:invoke --experiment '*:manage' --model '*:manage' --prompt '*:manage' --endpoint '*:invoke'`,
    ]);
    const opened = await shell(said.stdout.trimEnd().split('\n').at(-1) ?? '', bin.path, {
      env: adminEnv(system),
    });
    expect(opened.code).toBe(0);
  });
});
