import { startPythonSession, type PythonSession } from '../support/programs/python-session.js';
import { tempDir, type TempDir } from '../support/lib/temp-dir.js';
import { startWholeSystem, type WholeSystem } from '../support/systems/whole-system.js';

/** The unmodified MLflow client, through the gateway and a real key, on a real MLflow. */
describe('an MLflow user behind the gateway', () => {
  let system: WholeSystem;
  let dir: TempDir;
  let apiKey: string;
  let python: PythonSession;

  beforeAll(async () => {
    system = await startWholeSystem();
    dir = await tempDir('e2e');
    apiKey = (await system.newKey()).api_key;
    python = await startPythonSession({ url: system.gateway.url, token: apiKey, cwd: dir.path });
  }, 300_000);

  afterAll(async () => {
    await python?.close();
    await system?.close();
    await dir?.remove();
  });

  it('makes, renames, finds, deletes and restores experiments', async () => {
    const seen = await python.run<unknown>(`
client = mlflow.MlflowClient()
id = client.create_experiment("ex one", tags={"team": "ä ö 日本"})
client.rename_experiment(id, "ex two / %2F + ?")
found = client.get_experiment_by_name("ex two / %2F + ?")
client.delete_experiment(id)
deleted = client.get_experiment(id).lifecycle_stage
client.restore_experiment(id)
result = [found.experiment_id == id, found.tags["team"], deleted, client.get_experiment(id).lifecycle_stage]
`);
    expect(seen).toEqual([true, 'ä ö 日本', 'deleted', 'active']);
  });

  it('logs the largest batches that MLflow takes: 1,000 metrics, 100 params, 100 tags', async () => {
    const seen = await python.run<unknown>(`
import time
from mlflow.entities import Metric, Param, RunTag
client = mlflow.MlflowClient()
run = client.create_run(client.create_experiment("batches")).info.run_id
now = int(time.time() * 1000)
client.log_batch(run,
    metrics=[Metric("loss", 1 / (step + 1), now, step) for step in range(800)],
    params=[Param(f"p{i}", "v" * 400) for i in range(100)],
    tags=[RunTag(f"t{i}", "w" * 100) for i in range(100)])
client.log_batch(run, metrics=[Metric("loss", 0.5, now, step) for step in range(800, 1800)])
data = client.get_run(run).data
result = [len(client.get_metric_history(run, "loss")), len(data.params), sum(k[0] == "t" for k in data.tags)]
`);
    expect(seen).toEqual([1800, 100, 100]);
  });

  it('stores artifacts of any name and gets back the same bytes', async () => {
    const seen = await python.run<{ sent: object; received: object }>(`
import hashlib, pathlib
files = pathlib.Path("small"); names = ["a b.txt", "ü (1) ~'.bin", "deep/er/+plus&.txt", "empty.txt"]
sent = {}
for i, name in enumerate(names):
    file = files / name; file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"" if name == "empty.txt" else os.urandom(1000 * (i + 1)))
    sent[name] = hashlib.sha256(file.read_bytes()).hexdigest()
mlflow.set_experiment("artifacts")
with mlflow.start_run() as run:
    mlflow.log_artifacts("small", "some where")
back = pathlib.Path(mlflow.artifacts.download_artifacts(run_id=run.info.run_id, artifact_path="some where", dst_path="back"))
result = {"sent": sent, "received": {str(f.relative_to(back)): hashlib.sha256(f.read_bytes()).hexdigest() for f in back.rglob("*") if f.is_file()}}
`);
    expect(Object.keys(seen.sent)).toHaveLength(4);
    expect(seen.received).toEqual(seen.sent);
  });

  it('streams a 300 MB artifact up and down, whole, while the gateway holds almost nothing of it', async () => {
    const before = process.memoryUsage().rss;
    let highest = 0;
    const watch = setInterval(() => (highest = Math.max(highest, process.memoryUsage().rss)), 50);
    const seen = await python.run<{ sent: string; received: string }>(`
import hashlib, pathlib
block = os.urandom(1024 * 1024)
with open("large.bin", "wb") as file:
    for i in range(300): file.write(block[i:] + block[:i])
digest = lambda path: hashlib.file_digest(open(path, "rb"), "sha256").hexdigest() if hasattr(hashlib, "file_digest") else hashlib.sha256(open(path, "rb").read()).hexdigest()
mlflow.set_experiment("artifacts")
with mlflow.start_run() as run:
    mlflow.log_artifact("large.bin")
back = mlflow.artifacts.download_artifacts(run_id=run.info.run_id, artifact_path="large.bin", dst_path="back")
result = {"sent": digest("large.bin"), "received": digest(back)}
os.remove(back); os.remove("large.bin")
`);
    clearInterval(watch);
    expect(seen.received).toBe(seen.sent);
    expect((highest - before) / 1024 / 1024).toBeLessThan(150);
  }, 180_000);

  it('logs, registers, aliases and loads a model', async () => {
    const seen = await python.run<unknown>(`
class Doubler(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input: list[float]) -> list[float]:
        return [2 * x for x in model_input]
mlflow.set_experiment("models")
with mlflow.start_run():
    info = mlflow.pyfunc.log_model(name="doubler", python_model=Doubler(), pip_requirements=["mlflow"], registered_model_name="doubler of e2e")
client = mlflow.MlflowClient()
client.set_registered_model_alias("doubler of e2e", "champion", 1)
by_alias = mlflow.pyfunc.load_model("models:/doubler of e2e@champion").predict([1.0, 2.5])
by_uri = mlflow.pyfunc.load_model(info.model_uri).predict([3.0])
found = [v.version for v in client.search_model_versions("name = 'doubler of e2e'")]
result = [by_alias, by_uri, [str(v) for v in found]]
`);
    expect(seen).toEqual([[2, 5], [6], ['1']]);
  });

  it('deletes aliases, tags, versions and models, whose requests carry bodies', async () => {
    const seen = await python.run<unknown>(`
client = mlflow.MlflowClient()
name = "to delete"
client.create_registered_model(name, tags={"keep": "1", "drop": "2"})
run = client.create_run("0").info
version = client.create_model_version(name, source=run.artifact_uri + "/model", run_id=run.run_id).version
client.set_registered_model_alias(name, "old", version)
client.delete_registered_model_alias(name, "old")
client.delete_registered_model_tag(name, "drop")
left = client.get_registered_model(name)
client.delete_model_version(name, version)
client.delete_registered_model(name)
result = [left.aliases, left.tags, [m.name for m in client.search_registered_models(f"name = '{name}'")]]
`);
    expect(seen).toEqual([{}, { keep: '1' }, []]);
  });

  it('sends traces and finds them with their spans', async () => {
    const seen = await python.run<unknown>(`
experiment = mlflow.set_experiment("traces").experiment_id
@mlflow.trace
def inner(x): return x + 1
@mlflow.trace(attributes={"kind": "test"})
def outer(x): return inner(x) * 2
answer = outer(20)
mlflow.flush_trace_async_logging()
traces = mlflow.search_traces(locations=[experiment], return_type="list")
result = [answer, len(traces), sorted(span.name for span in traces[0].data.spans), traces[0].info.state]
`);
    expect(seen).toEqual([42, 1, ['inner', 'outer'], 'OK']);
  });

  it('registers, versions, loads and finds prompts', async () => {
    const seen = await python.run<unknown>(`
import mlflow.genai
mlflow.genai.register_prompt(name="greeting", template="Hello {{ name }}")
second = mlflow.genai.register_prompt(name="greeting", template="Good day, {{ name }}", commit_message="politer")
mlflow.genai.set_prompt_alias("greeting", alias="live", version=second.version)
loaded = mlflow.genai.load_prompt("prompts:/greeting@live")
result = [loaded.version, loaded.format(name="Ada"), [p.name for p in mlflow.genai.search_prompts("name = 'greeting'")]]
`);
    expect(seen).toEqual([2, 'Good day, Ada', ['greeting']]);
  });

  it('searches with filters and in pages, each run once and in order', async () => {
    const seen = await python.run<unknown>(`
client = mlflow.MlflowClient()
id = client.create_experiment("searched")
for i in range(25):
    run = client.create_run(id, tags={"group": "it's 50% + ü" if i % 5 == 0 else "other"})
    client.log_metric(run.info.run_id, "score", i)
scores, token, pages = [], None, 0
while True:
    page = client.search_runs([id], "metrics.score >= 3", max_results=10, order_by=["metrics.score DESC"], page_token=token)
    scores += [run.data.metrics["score"] for run in page]; pages += 1; token = page.token
    if not token: break
quoted = client.search_runs([id], 'tags.group = "it\\'s 50% + ü"')
result = [scores, pages, len(quoted)]
`);
    expect(seen).toEqual([Array.from({ length: 22 }, (_, i) => 24 - i), 3, 5]);
  });

  it('works from 16 threads at once', async () => {
    const seen = await python.run<unknown>(`
import concurrent.futures, pathlib
client = mlflow.MlflowClient()
id = client.create_experiment("threads")
def job(n):
    run = client.create_run(id).info.run_id
    for step in range(5): client.log_metric(run, "loss", n + step, step=step)
    file = pathlib.Path(f"thread-{n}.txt"); file.write_text(str(n) * 1000)
    client.log_artifact(run, str(file))
    client.set_terminated(run)
    return pathlib.Path(client.download_artifacts(run, file.name)).read_text() == str(n) * 1000
with concurrent.futures.ThreadPoolExecutor(16) as pool:
    right = list(pool.map(job, range(16)))
runs = client.search_runs([id])
result = [all(right), len(runs), all(r.info.status == "FINISHED" and "loss" in r.data.metrics for r in runs)]
`);
    expect(seen).toEqual([true, 16, true]);
  }, 120_000);

  it('may give the key as a password: in variables, in the address, or in ~/.netrc', async () => {
    const seen = await python.run<unknown>(`
import pathlib, urllib.parse
key, address = os.environ.pop("MLFLOW_TRACKING_TOKEN"), mlflow.get_tracking_uri()
host = urllib.parse.urlsplit(address)
read = lambda: len(mlflow.MlflowClient().search_experiments(max_results=1))
result = []
try:
    os.environ.update(MLFLOW_TRACKING_USERNAME="anyone", MLFLOW_TRACKING_PASSWORD=key)
    result.append(read())
    del os.environ["MLFLOW_TRACKING_USERNAME"], os.environ["MLFLOW_TRACKING_PASSWORD"]
    mlflow.set_tracking_uri(f"{host.scheme}://anyone:{key}@{host.netloc}{host.path}")
    result.append(read())
    mlflow.set_tracking_uri(address)
    netrc = pathlib.Path("netrc"); netrc.write_text(f"machine {host.hostname} login anyone password {key}\\n"); netrc.chmod(0o600)
    os.environ["NETRC"] = str(netrc.resolve())
    result.append(read())
finally:
    os.environ.pop("NETRC", None); mlflow.set_tracking_uri(address)
    os.environ["MLFLOW_TRACKING_TOKEN"] = key
`);
    expect(seen).toEqual([1, 1, 1]);
  });

  it('leaves no trace of the key in the gateway’s and the key service’s logs', () => {
    expect(system.gateway.logs.raw).not.toContain(apiKey);
    expect(system.keyService.logs.raw).not.toContain(apiKey);
    expect(system.gateway.logs.of('request').length).toBeGreaterThan(100);
  });
});
