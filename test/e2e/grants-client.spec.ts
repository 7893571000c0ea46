import { startPythonSession, type PythonSession } from '../support/programs/python-session.js';
import { startWholeSystem, type WholeSystem } from '../support/systems/whole-system.js';
import type { Grants } from '../../src/contracts/access/grants.js';

const withKey = (key: string, snippet: string): string =>
  `os.environ["MLFLOW_TRACKING_TOKEN"] = ${JSON.stringify(key)}\nclient = mlflow.MlflowClient()\n${snippet}`;

const EXPERIMENT = 'client-team/training';
const MODEL = 'client-team-model';
const PROMPT = 'client-team-prompt';

/** What one finds in a notebook: autologging, artifacts, a logged model that is registered, traces, prompts. */
const TRAIN = `
import numpy
from sklearn.linear_model import LinearRegression
mlflow.set_experiment("${EXPERIMENT}")
mlflow.sklearn.autolog(log_datasets=False)
with mlflow.start_run() as run:
    LinearRegression().fit(numpy.array([[1.0], [2.0], [3.0]]), numpy.array([2.0, 4.0, 6.0]))
    mlflow.log_metrics({"a": 1.0, "b": 2.0})
    mlflow.log_text("hello", "notes.txt")
mlflow.sklearn.autolog(disable=True)
class Doubler(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return [2 * x for x in model_input]
with mlflow.start_run() as second:
    mlflow.pyfunc.log_model(name="model", python_model=Doubler(), pip_requirements=["mlflow"], registered_model_name="${MODEL}")
client.set_registered_model_alias("${MODEL}", "champion", "1")
prediction = mlflow.pyfunc.load_model("models:/${MODEL}/1").predict([1.0])
@mlflow.trace
def traced(x):
    return x + 1
traced(1)
mlflow.flush_trace_async_logging()
trace = mlflow.get_trace(mlflow.get_last_active_trace_id())
mlflow.set_trace_tag(trace.info.trace_id, "k", "v")
mlflow.log_feedback(trace_id=trace.info.trace_id, name="good", value=True)
mlflow.genai.register_prompt(name="${PROMPT}", template="Hello {{name}}")
prompt = mlflow.genai.load_prompt("prompts:/${PROMPT}/1")
result = [run.info.run_id, second.info.run_id, list(prediction), len(trace.data.spans), prompt.template,
          mlflow.artifacts.load_text("runs:/" + run.info.run_id + "/notes.txt"), trace.info.trace_id]
`;

describe('the unmodified client with keys that have grants', () => {
  let system: WholeSystem;
  let python: PythonSession;
  let foreignRun: string;
  let trained: [string, string, number[], number, string, string, string];

  const keyWith = async (grants: Grants, scopes?: string[]): Promise<string> =>
    (await system.newKey({ grants, ...(scopes && { scopes }) })).api_key;
  const attempt = async (key: string, call: string): Promise<string | undefined> =>
    (await python.attempt(withKey(key, call))).error?.message;

  beforeAll(async () => {
    system = await startWholeSystem();
    python = await startPythonSession({
      url: system.gateway.url,
      env: { MLFLOW_HTTP_REQUEST_MAX_RETRIES: '0' },
    });
    const full = (await system.newKey({ scopes: ['mlflow:access'] })).api_key;
    foreignRun = await python.run<string>(
      withKey(
        full,
        `client.create_experiment("${EXPERIMENT}")
b = client.create_experiment("team-b/training")
client.create_registered_model("team-b-model")
result = client.create_run(b).info.run_id`,
      ),
    );
    const trainer = await keyWith({
      experiments: [{ name: 'client-team/*', level: 'write' }],
      models: [{ name: 'client-team-*', level: 'write' }],
      prompts: [{ name: 'client-team-*', level: 'write' }],
    });
    trained = await python.run(withKey(trainer, TRAIN));
  }, 300_000);
  afterAll(async () => {
    await python?.close();
    await system?.close();
  });

  it('trains, logs, registers, loads, traces and writes prompts in what is granted', () => {
    expect(trained.slice(2, 6)).toEqual([[2], 1, 'Hello {{name}}', 'hello']);
  });

  it('loads a model by its alias with a grant of the model alone, and nothing beside it', async () => {
    const key = await keyWith({ models: [{ name: MODEL, level: 'read' }] }, ['model:read', 'artifact:read']);
    const load = `result = list(mlflow.pyfunc.load_model("models:/${MODEL}@champion").predict([1.0, 2.5]))`;
    expect(await python.run(withKey(key, load))).toEqual([2, 5]);
    expect(await attempt(key, `mlflow.artifacts.load_text("runs:/${trained[0]}/notes.txt")`)).toContain(
      'PERMISSION_DENIED',
    );
  });

  it('reads everything that is granted with a key that reads, and sees nothing of others', async () => {
    const key = await keyWith({
      experiments: [{ name: 'client-team/*', level: 'read' }],
      models: [{ name: 'client-team-*', level: 'read' }],
      prompts: [{ name: 'client-team-*', level: 'read' }],
    });
    const read = `
e = mlflow.get_experiment_by_name("${EXPERIMENT}")
result = [sorted(x.name for x in client.search_experiments()), len(client.search_runs([e.experiment_id])),
          [m.name for m in client.search_registered_models()], client.get_run("${trained[0]}").data.metrics["a"],
          len(client.get_metric_history("${trained[0]}", "a")), mlflow.get_trace("${trained[6]}").info.state.value]`;
    expect(await python.run(withKey(key, read))).toEqual([['client-team/training'], 2, [MODEL], 1, 1, 'OK']);
    expect(await attempt(key, `client.get_run("${foreignRun}")`)).toContain(
      'The API key has no grant to read',
    );
  });

  it.each([
    ['write the experiment of the run', 'client.log_metric("RUN", "m", 1.0)'],
    ['write the experiment of the run', 'client.set_tag("RUN", "k", "v")'],
    ['write the experiment', 'client.create_experiment("client-team/new")'],
    [
      'write the experiment',
      'client.create_run(client.get_experiment_by_name("client-team/training").experiment_id)',
    ],
    ['manage the experiment of the run', 'client.delete_run("RUN")'],
    ['write the model', 'client.create_registered_model("client-team-new")'],
    ['write the model', 'client.set_registered_model_alias("client-team-model", "x", "1")'],
    ['manage the model', 'client.delete_registered_model("client-team-model")'],
    ['write the experiment', 'client.log_text("RUN", "x", "y.txt")'],
    ['write the experiment of the trace', 'mlflow.set_trace_tag("TRACE", "k", "v")'],
  ])('says in one sentence what is missing: %s by %s', async (what, call) => {
    const key = await keyWith({
      experiments: [{ name: 'client-team/*', level: 'read' }],
      models: [{ name: 'client-team-*', level: 'read' }],
    });
    const message = await attempt(key, call.replace('RUN', trained[0]).replace('TRACE', trained[6]));
    expect(message).toMatch(new RegExp(`The API key has no grant to ${what}`));
  });
});
