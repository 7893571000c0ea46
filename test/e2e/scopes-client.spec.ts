import { startPythonSession, type PythonSession } from '../support/programs/python-session.js';
import { startWholeSystem, type WholeSystem } from '../support/systems/whole-system.js';

const withKey = (key: string, snippet: string): string =>
  `os.environ["MLFLOW_TRACKING_TOKEN"] = ${JSON.stringify(key)}\nclient = mlflow.MlflowClient()\n${snippet}`;

const TRAIN = `
class Doubler(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return [2 * x for x in model_input]
mlflow.set_experiment("scopes of e2e")
with mlflow.start_run() as run:
    mlflow.log_param("a", 1)
    mlflow.log_metric("m", 0.5)
    mlflow.log_text("hello", "notes.txt")
    mlflow.pyfunc.log_model(name="model", python_model=Doubler(), pip_requirements=["mlflow"], registered_model_name="scopes of e2e")
client.set_registered_model_alias("scopes of e2e", "champion", "1")
result = [run.info.experiment_id, run.info.run_id]
`;

describe('the unmodified client with keys that may not do everything', () => {
  let system: WholeSystem;
  let python: PythonSession;
  let experimentId: string;
  let runId: string;

  const keyWith = async (...scopes: string[]): Promise<string> => (await system.newKey({ scopes })).api_key;

  beforeAll(async () => {
    system = await startWholeSystem();
    python = await startPythonSession({
      url: system.gateway.url,
      env: { MLFLOW_HTTP_REQUEST_MAX_RETRIES: '0' },
    });
    [experimentId, runId] = await python.run<[string, string]>(withKey(await keyWith('mlflow:write'), TRAIN));
  }, 300_000);
  afterAll(async () => {
    await python?.close();
    await system?.close();
  });

  it('trains, logs, registers and sets an alias with mlflow:write', () => {
    expect(experimentId).toMatch(/^\d+$/);
    expect(runId).toMatch(/^[0-9a-f]{32}$/);
  });

  it('reads everything with mlflow:read', async () => {
    const read = `
runs = client.search_runs(["${experimentId}"])
notes = mlflow.artifacts.load_text("runs:/${runId}/notes.txt")
versions = client.search_model_versions("name='scopes of e2e'")
result = [len(runs), notes, len(versions), len(client.get_metric_history("${runId}", "m"))]`;
    expect(await python.run(withKey(await keyWith('mlflow:read'), read))).toEqual([1, 'hello', 1, 1]);
  });

  it.each([
    ['experiment:write', 'client.create_experiment("another")'],
    ['experiment:write', 'client.log_metric("RUN", "m", 1.0)'],
    ['experiment:write', 'client.set_tag("RUN", "k", "v")'],
    ['experiment:manage', 'client.delete_run("RUN")'],
    ['model:write', 'client.create_registered_model("another")'],
    ['model:manage', 'client.delete_registered_model("scopes of e2e")'],
    ['artifact:write', 'client.log_text("RUN", "x", "y.txt")'],
  ])('says in one sentence that %s is missing: %s', async (scope, call) => {
    const key = await keyWith('mlflow:read');
    const { error } = await python.attempt(withKey(key, call.replace('RUN', runId)));
    expect(error?.message).toContain(`The API key lacks a required scope: ${scope}.`);
  });

  it('loads a model by its alias with model:read and artifact:read alone', async () => {
    const load = 'result = mlflow.pyfunc.load_model("models:/scopes of e2e@champion").predict([1.0, 2.5])';
    expect(await python.run(withKey(await keyWith('model:read', 'artifact:read'), load))).toEqual([2, 5]);
  });

  it('registers a model of a run with model:write and experiment:write: the client tags the logged model', async () => {
    const register = `result = mlflow.register_model("runs:/${runId}/model", "scopes of CI").version`;
    const key = await keyWith('model:write', 'experiment:write', 'artifact:read');
    expect(await python.run(withKey(key, register))).toBe('1');
  });
});
