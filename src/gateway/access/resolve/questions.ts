import type { Owner } from '../grants/grant-set.js';
import type { NamedKind } from '../reading/named.js';
import { isObject } from '../../../lib/json/json-object.js';

/** How MLflow is asked what a thing belongs to. */
export interface Question {
  readonly kind: NamedKind;
  /** The answer never changes: no call of MLflow's moves a run or a logged model. */
  readonly forGood: boolean;
  /** Tried in this order until MLflow serves one of them. */
  paths(id: string): readonly string[];
  /**
   * @param body of MLflow's answer
   * @throws Error if the answer has no known form: it opens nothing
   */
  ownersIn(body: unknown, id: string): readonly Owner[];
}

/** A registered model with this tag is a prompt. */
export const IS_PROMPT_TAG = 'mlflow.prompt.is_prompt';

/** Kinds of things that MLflow has to be asked about. */
export type AskedKind = Exclude<
  NamedKind,
  | 'model'
  | 'prompt'
  | 'endpoint'
  | 'workspace'
  | 'new-experiment-name'
  | 'assessment'
  | 'gateway-part'
  | 'judge-setting'
  | 'secret'
  | 'storage-location'
  | 'artifact-path'
>;

const V2 = '/api/2.0/mlflow';
const V3 = '/api/3.0/mlflow';

export const QUESTIONS: Readonly<Record<AskedKind, Question>> = {
  experiment: {
    kind: 'experiment',
    forGood: false,
    paths: (id) => [`${V2}/experiments/get?experiment_id=${encodeURIComponent(id)}`],
    ownersIn: (body) => [experimentOf(body)],
  },
  'experiment-name': {
    kind: 'experiment-name',
    forGood: false,
    paths: (name) => [`${V2}/experiments/get-by-name?experiment_name=${encodeURIComponent(name)}`],
    ownersIn: (body) => [experimentOf(body)],
  },
  run: {
    kind: 'run',
    forGood: true,
    paths: (id) => [`${V2}/runs/get?run_id=${id}`],
    ownersIn: (body) => [experiment(text(member(member(member(body, 'run'), 'info'), 'experiment_id')))],
  },
  'logged-model': {
    kind: 'logged-model',
    forGood: true,
    paths: (id) => [`${V2}/logged-models/${id}`],
    ownersIn: (body) => [experiment(text(member(member(member(body, 'model'), 'info'), 'experiment_id')))],
  },
  trace: {
    kind: 'trace',
    forGood: false,
    // Before 3.5 the second one answers; the third, with which 3.1 tried version 3 out, is 500 where it is unknown.
    paths: (id) => [
      `${V3}/traces/${encodeURIComponent(id)}`,
      `${V2}/traces/${encodeURIComponent(id)}/info`,
      `${V2}/traces/${encodeURIComponent(id)}`,
    ],
    ownersIn: (body) => [experiment(traceExperiment(body))],
  },
  'registered-name': {
    kind: 'registered-name',
    forGood: false,
    paths: (name) => [`${V2}/registered-models/get?name=${encodeURIComponent(name)}`],
    ownersIn: (body) => {
      const model = member(body, 'registered_model');
      // The name in MLflow's answer: some databases find `Team-A` for `team-a`.
      const name = text(member(model, 'name'));
      const tags = (member(model, 'tags', []) as readonly unknown[]).map(
        (tag) => tag as Record<string, unknown>,
      );
      const isPrompt = tags.some(
        ({ key, value }) => key === IS_PROMPT_TAG && String(value).toLowerCase() === 'true',
      );
      return [{ kind: isPrompt ? 'prompt' : 'model', name }];
    },
  },
  dataset: {
    kind: 'dataset',
    forGood: false,
    paths: (id) => [`${V3}/datasets/${encodeURIComponent(id)}/experiment-ids`],
    ownersIn: (body) =>
      (member(body, 'experiment_ids', []) as readonly unknown[]).map((id) => experiment(text(id))),
  },
  issue: {
    kind: 'issue',
    forGood: false,
    paths: (id) => [`${V3}/issues/${encodeURIComponent(id)}`],
    ownersIn: (body) => [experiment(text(member(member(body, 'issue'), 'experiment_id')))],
  },
  'review-queue': {
    kind: 'review-queue',
    forGood: false,
    paths: (id) => [`${V3}/review-queues/get?queue_id=${encodeURIComponent(id)}`],
    ownersIn: (body) => [experiment(text(member(member(body, 'review_queue'), 'experiment_id')))],
  },
  'label-schema': {
    kind: 'label-schema',
    forGood: false,
    paths: (id) => [`${V3}/label-schemas/get?schema_id=${encodeURIComponent(id)}`],
    ownersIn: (body) => [experiment(text(member(member(body, 'label_schema'), 'experiment_id')))],
  },
  'prompt-optimization-job': {
    kind: 'prompt-optimization-job',
    forGood: false,
    paths: (id) => [`${V3}/prompt-optimization/jobs/${encodeURIComponent(id)}`],
    ownersIn: (body) => [experiment(text(member(member(body, 'job'), 'experiment_id')))],
  },
  'endpoint-id': {
    kind: 'endpoint-id',
    forGood: false,
    paths: (id) => [`${V3}/gateway/endpoints/get?endpoint_id=${encodeURIComponent(id)}`],
    ownersIn: (body) => [{ kind: 'endpoint', name: text(member(member(body, 'endpoint'), 'name')) }],
  },
  job: {
    kind: 'job',
    forGood: false,
    paths: (id) => [`/ajax-api/3.0/jobs/${encodeURIComponent(id)}`],
    // A job without an experiment has no owner.
    ownersIn: (body) => {
      const id = member(member(body, 'params'), 'experiment_id', null);
      return typeof id === 'string' ? [experiment(id)] : [];
    },
  },
};

function experimentOf(body: unknown): Owner {
  const found = member(body, 'experiment');
  return { kind: 'experiment', id: text(member(found, 'experiment_id')), name: text(member(found, 'name')) };
}

/** In both forms that MLflow gives a trace. */
function traceExperiment(body: unknown): string {
  const trace = member(body, 'trace', null);
  if (trace === null) return text(member(member(body, 'trace_info'), 'experiment_id'));
  const location = member(member(member(trace, 'trace_info'), 'trace_location'), 'mlflow_experiment');
  return text(member(location, 'experiment_id'));
}

function experiment(id: string): Owner {
  return { kind: 'experiment', id };
}

function member(value: unknown, name: string, otherwise: unknown = REQUIRED): unknown {
  const found = isObject(value) ? value[name] : undefined;
  if (found !== undefined) return found;
  if (otherwise === REQUIRED) throw new Error(`MLflow's answer has no "${name}"`);
  return otherwise;
}

const REQUIRED = Symbol('required');

function text(value: unknown): string {
  if (typeof value !== 'string' || value === '') throw new Error("a text is missing in MLflow's answer");
  return value;
}
