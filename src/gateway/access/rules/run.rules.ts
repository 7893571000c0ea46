import { isObject } from '../../../lib/json/json-object.js';
import type { Json, JsonObject } from '../../../lib/json/strict-json.js';
import type { AskedRequest } from '../reading/asked-request.js';
import { then } from '../resolve/later.js';
import { each, needs, one, some, type Access, type Rule, type RulesByCall } from './rule.js';

const byRun = needs(one('run', 'run_id'));

/** Of an answer to a creation; a longer one is only looked up later. */
const MAX_LEARNED_BYTES = 64 * 1024;

export const RUN_RULES: RulesByCall = {
  createRun: learningRun(needs(one('experiment', 'experiment_id'))),
  serve_create_promptlab_run: needs(one('experiment', 'experiment_id')),
  getRun: byRun,
  updateRun: byRun,
  deleteRun: byRun,
  restoreRun: byRun,
  setTag: byRun,
  deleteTag: byRun,
  logParam: byRun,
  logModel: byRun,
  logMetric: needs(one('run', 'run_id'), each('logged-model', 'model_id')),
  logBatch: needs(
    one('run', 'run_id'),
    each('run', 'metrics[].run_id'),
    each('logged-model', 'metrics[].model_id'),
  ),
  logInputs: needs(one('run', 'run_id'), each('logged-model', 'models[].model_id', 'read')),
  logOutputs: needs(one('run', 'run_id'), each('logged-model', 'models[].model_id')),
  getMetricHistory: byRun,
  serve_get_metric_history_bulk: needs(some('run', 'run_id[]')),
  getMetricHistoryBulkInterval: needs(some('run', 'run_ids[]')),
};

/** MLflow says in its answer which run it has made: the calls that follow need no look-up. */
function learningRun(rule: Rule): Rule {
  return {
    ...rule,
    judge: (asked: AskedRequest, access: Access) =>
      then(rule.judge(asked, access), (ruling) => ({
        ...ruling,
        plan: { learn: { maxBytes: MAX_LEARNED_BYTES, read: (body) => learn(body, access) } },
      })),
  };
}

function learn(body: Buffer | undefined, { owners, workspace }: Access): void {
  if (body === undefined) return;
  const info = parsed(body)['run'] as { info?: { run_id?: unknown; experiment_id?: unknown } } | undefined;
  const { run_id: run, experiment_id: experiment } = info?.info ?? {};
  if (typeof run === 'string' && typeof experiment === 'string') owners.learnRun(run, experiment, workspace);
}

function parsed(body: Buffer): JsonObject {
  try {
    const value = JSON.parse(body.toString('utf8')) as Json;
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}
