import type { FileInfoMessage, MetricMessage, RunMessage } from '../mlflow/generated/run.types.js';
import { proxyPathOf } from '../mlflow/artifact-location.js';
import { listFiles } from './mock-artifacts.js';
import { inView } from './mock-experiments.js';
import { invalid, missing, required } from './mock-fault.js';
import type { MockHandlers } from './mock-handlers.js';
import { pageOf, type Resolve, select } from './mock-search.js';
import { latestMetrics, type MockStore, pairsOf, randomId, type StoredRun } from './mock-store.js';

const attributes: Resolve<StoredRun> = (run, entity, key) => {
  if (entity === 'metric') {
    const value = latestMetrics(run.points).find((point) => point.key === key)?.value;
    return value === undefined ? undefined : Number(value);
  }
  if (entity === 'param') return run.params.get(key);
  if (entity === 'tag') return run.tags.get(key);
  const names: Record<string, string> = { 'Run ID': 'run_id', 'run name': 'run_name', created: 'start_time' };
  const value = (run.info as unknown as Record<string, unknown>)[names[key] ?? key];
  if (entity !== 'attribute') throw invalid(`Invalid entity type '${entity}'`);
  return typeof value === 'string' || typeof value === 'number' ? value : undefined;
};

/** Runs of the in-memory MLflow. */
export function runHandlers(store: MockStore): MockHandlers {
  return { ...lifeHandlers(store), ...lookupHandlers(store), ...logHandlers(store) };
}

function find(store: MockStore, id: string | undefined): StoredRun {
  const run = store.runs.get(required(id, 'run_id'));
  if (!run) throw missing(`Run with id=${id}`);
  return run;
}

function active(store: MockStore, id: string | undefined): StoredRun {
  const run = find(store, id);
  if (run.info.lifecycle_stage !== 'active') throw invalid(`The run ${id} must be in the 'active' state.`);
  return run;
}

function lifeHandlers(store: MockStore): MockHandlers {
  return {
    createRun: (request) => ({ run: toMessage(addRun(store, request)) }),
    updateRun({ run_id, status, end_time, run_name }) {
      const { info, tags } = active(store, run_id);
      if (status !== undefined) info.status = status;
      if (end_time !== undefined) info.end_time = end_time;
      if (run_name) {
        info.run_name = run_name;
        tags.set('mlflow.runName', run_name);
      }
      return { run_info: info };
    },
    deleteRun({ run_id }) {
      active(store, run_id).info.lifecycle_stage = 'deleted';
      return {};
    },
    restoreRun({ run_id }) {
      const { info } = find(store, run_id);
      if (info.lifecycle_stage !== 'deleted')
        throw invalid(`The run ${run_id} must be in the 'deleted' state.`);
      info.lifecycle_stage = 'active';
      return {};
    },
  };
}

function lookupHandlers(store: MockStore): MockHandlers {
  return {
    getRun: ({ run_id }) => ({ run: toMessage(find(store, run_id)) }),
    searchRuns(request) {
      const visible = [...store.runs.values()].filter(
        ({ info }) =>
          (request.experiment_ids ?? []).includes(info.experiment_id) &&
          inView(info.lifecycle_stage, request.run_view_type),
      );
      const found = select(visible, attributes, request, ['start_time DESC', 'run_id ASC']);
      const { items, ...token } = pageOf(found, request, 50_000);
      return { runs: items.map(toMessage), ...token };
    },
    getMetricHistory(request) {
      const points = find(store, request.run_id).points.filter((point) => point.key === request.metric_key);
      const sorted = points.sort(
        (a, b) => (a.timestamp ?? 0) - (b.timestamp ?? 0) || (a.step ?? 0) - (b.step ?? 0),
      );
      const { items, ...token } = pageOf(sorted, request, 50_000);
      return { metrics: items, ...token };
    },
    listArtifacts({ run_id, path = '' }) {
      const root = proxyPathOf(find(store, run_id).info.artifact_uri ?? '') ?? '';
      const files = listFiles(store, root, path).map((file): FileInfoMessage => ({
        ...file,
        path: path === '' ? file.path : `${path}/${file.path}`,
      }));
      return { root_uri: find(store, run_id).info.artifact_uri ?? '', files };
    },
  };
}

function logHandlers(store: MockStore): MockHandlers {
  return {
    logBatch({ run_id, metrics = [], params = [], tags = [] }) {
      const run = active(store, run_id);
      if (metrics.length > 1000 || params.length > 100 || tags.length > 100)
        throw invalid('A batch logging request can contain at most 1000 metrics, 100 params and 100 tags.');
      for (const { key, value } of params) addParam(run, key ?? '', value ?? '');
      for (const point of metrics) addPoint(run, point);
      for (const { key, value } of tags) run.tags.set(key ?? '', value ?? '');
      return {};
    },
    logMetric({ run_id, ...point }) {
      addPoint(active(store, run_id), point);
      return {};
    },
    logParam({ run_id, key, value }) {
      addParam(active(store, run_id), required(key, 'key'), value ?? '');
      return {};
    },
    setTag({ run_id, key, value }) {
      active(store, run_id).tags.set(required(key, 'key'), value ?? '');
      return {};
    },
    deleteTag({ run_id, key }) {
      if (!active(store, run_id).tags.delete(required(key, 'key'))) throw missing(`Tag '${key}'`);
      return {};
    },
    logInputs({ run_id, datasets = [] }) {
      active(store, run_id).datasets.push(...datasets);
      return {};
    },
  };
}

type CreateRun = Parameters<NonNullable<MockHandlers['createRun']>>[0];

function addRun(
  store: MockStore,
  { experiment_id = '0', run_name, start_time, tags = [], user_id }: CreateRun,
): StoredRun {
  const experiment = store.experiments.get(experiment_id);
  if (!experiment) throw missing(`Experiment ${experiment_id}`);
  if (experiment.message.lifecycle_stage !== 'active')
    throw invalid(`The experiment ${experiment_id} must be active.`);
  const run_id = randomId();
  const runTags = new Map(tags.map(({ key, value }) => [key ?? '', value ?? '']));
  const name = run_name || runTags.get('mlflow.runName') || `mock-run-${store.runs.size + 1}`;
  runTags.set('mlflow.runName', name);
  const run: StoredRun = {
    info: {
      run_id,
      run_uuid: run_id,
      run_name: name,
      experiment_id,
      user_id: user_id ?? '',
      status: 'RUNNING',
      start_time: start_time ?? store.tickMs(),
      artifact_uri: `${experiment.message.artifact_location}/${run_id}/artifacts`,
      lifecycle_stage: 'active',
    },
    points: [],
    params: new Map(),
    tags: runTags,
    datasets: [],
  };
  store.runs.set(run_id, run);
  return run;
}

function addParam(run: StoredRun, key: string, value: string): void {
  const before = run.params.get(key);
  if (before !== undefined && before !== value)
    throw invalid(`Changing param values is not allowed. Param with key='${key}' was already logged.`);
  run.params.set(key, value);
}

/** A point that is there already is the same point. */
function addPoint(run: StoredRun, { key, value: given, timestamp = 0, step = 0 }: MetricMessage): void {
  required(key, 'key');
  const value = storable(given);
  const same = run.points.some(
    (one) => one.key === key && one.value === value && one.timestamp === timestamp && one.step === step,
  );
  if (!same) run.points.push({ key: key ?? '', value, timestamp, step });
}

/** MLflow's database has no infinities: it keeps the largest number instead. */
function storable(value: number | undefined): number {
  const text = String(value ?? 0);
  if (/^-?Infinity$/.test(text)) return text.startsWith('-') ? -Number.MAX_VALUE : Number.MAX_VALUE;
  return value ?? 0;
}

function toMessage(run: StoredRun): RunMessage {
  return {
    info: run.info,
    data: { metrics: latestMetrics(run.points), params: pairsOf(run.params), tags: pairsOf(run.tags) },
    inputs: { dataset_inputs: run.datasets },
  };
}
