import { allRoutes } from '../../../src/gateway/mlflow-routes/route-table.js';
import type { Route } from '../../../src/gateway/mlflow-routes/route.js';
import type { Asked } from '../systems/grant-system.js';

/** A thing of each kind that calls change, by its id or name. */
export interface ChangedThings {
  readonly experiment: string;
  readonly experimentName: string;
  /** About an experiment or a model that does not exist. */
  readonly newName: string;
  readonly run: string;
  readonly loggedModel: string;
  readonly trace: string;
  readonly dataset: string;
  readonly issue: string;
  readonly queue: string;
  readonly schema: string;
  readonly job: string;
  /** Registered. */
  readonly model: string;
  readonly prompt: string;
  readonly endpoint: string;
}

/** Families of the paths of files and of searches have tests of their own. */
const ELSEWHERE: ReadonlySet<string> = new Set(['artifact', 'graphql', 'otlp']);
const UNGRANTED: ReadonlySet<string> = new Set([
  ...['mcp', 'gateway-admin', 'webhook', 'user'],
  ...['assistant', 'demo', 'ui', 'workspace'],
]);

/** Every call that changes something that grants are about. */
export const CHANGING_CALLS: readonly Route[] = allRoutes().filter(
  ({ family, action, template }) =>
    action !== 'read' &&
    !ELSEWHERE.has(family) &&
    !UNGRANTED.has(family) &&
    // For administrators: it needs their scope.
    template !== '/ajax-api/3.0/jobs/' &&
    // Sources of versions have tests of their own.
    !template.endsWith('/model-versions/create') &&
    // MLflow's basic-auth application.
    !template.includes('/permissions/'),
);

/** A whole request of a route, with an id of the right form wherever the table knows of one. */
export function requestOf({ method, template, ids, name }: Route, things: ChangedThings): Asked {
  const path = template.replace(/\{(\w+)(?::path)?\}/g, (_, parameter: string) =>
    parameter === 'path' ? 'v1/x' : valueOf(parameter, things),
  );
  const body: Record<string, unknown> = {};
  for (const { place, name: id } of ids)
    if (place === 'body' && !id.includes('.') && !id.endsWith('location')) {
      const member = id.replace('[]', '');
      const value = valueOf(member, things);
      body[member] = id.endsWith('[]') || member === 'trace_ids' ? [value] : value;
    }
  const withoutUuid = 'run_uuid' in body ? { ...body, run_uuid: body['run_id'] ?? things.run } : body;
  return { method, path, body: given(name, things) ?? withoutUuid };
}

function valueOf(name: string, things: ChangedThings): string {
  const values: readonly (readonly [RegExp, string])[] = [
    [/experiment_ids?$/, things.experiment],
    [/run_(?:id|uuid|ids)$/, things.run],
    [/model_ids?$/, things.loggedModel],
    [/dataset_id$/, things.dataset],
    [/issue_id$/, things.issue],
    [/queue_id$/, things.queue],
    [/schema_ids?$/, things.schema],
    [/job_id$/, things.job],
    [/_ids?$/, things.trace],
    [/^(?:tag_)?key$/, 'k'],
    [/experiment_name$/, things.experimentName],
    [/new_name$/, things.newName],
    [/endpoint_name$|^model$/, things.endpoint],
    [/prompt_uri$/, `prompts:/${things.prompt}/1`],
    [/gateway_path$/, `gateway/${things.endpoint}/invocations`],
    [/source$/, `runs:/${things.run}/model`],
    [/serialized_scorers?$/, '{}'],
  ];
  return values.find(([pattern]) => pattern.test(name))?.[1] ?? things.model;
}

/** Where a name has to be another than what a plain id is. */
function given(call: string, things: ChangedThings): object | undefined {
  const { experiment: experiment_id, trace, prompt, endpoint } = things;
  const scored = { experiment_id, trace_ids: [trace] };
  const calls: Readonly<Record<string, object>> = {
    createPromptOptimizationJob: { experiment_id, source_prompt_uri: `prompts:/${prompt}/1` },
    invoke_genai_evaluate_handler: { ...scored, serialized_scorers: ['{}'] },
    invoke_issue_detection_handler: scored,
    invoke_scorer_handler: { ...scored, serialized_scorer: '{}' },
    linkPromptsToTrace: { trace_id: trace, prompt_versions: [{ name: prompt, version: '1' }] },
    startTraceV3: {
      trace: { trace_info: { trace_id: trace, trace_location: { mlflow_experiment: { experiment_id } } } },
    },
    startTrace: { experiment_id },
    serve_gateway_proxy: { gateway_path: `gateway/${endpoint}/invocations` },
    createExperiment: { name: things.newName },
  };
  return calls[call];
}
