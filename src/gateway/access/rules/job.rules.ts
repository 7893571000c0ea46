import type { AskedRequest } from '../reading/asked-request.js';
import { gatewayModels } from './gateway-models.js';
import { BY_SCOPE_ALONE, each, needs, one, some, type RulesByCall, type Source } from './rule.js';

const byJob = needs(one('prompt-optimization-job', 'job_id'));

/** What MLflow does by itself later: everything that it will touch has to be granted now. */
export const JOB_RULES: RulesByCall = {
  // For administrators: it runs any registered function on MLflow's host.
  submit_job: BY_SCOPE_ALONE,
  invoke_scorer_handler: needs(
    one('experiment', 'experiment_id'),
    some('trace', 'trace_ids[]'),
    gatewayModels('serialized_scorer'),
  ),
  invoke_genai_evaluate_handler: needs(
    one('experiment', 'experiment_id'),
    some('trace', 'trace_ids[]'),
    gatewayModels('serialized_scorers[]'),
  ),
  invoke_issue_detection_handler: needs(
    one('experiment', 'experiment_id'),
    some('trace', 'trace_ids[]'),
    each('endpoint', 'endpoint_name', 'invoke'),
    // No grant is about secrets.
    each('secret', 'secret_id'),
  ),
  createPromptOptimizationJob: needs(
    one('experiment', 'experiment_id'),
    sourcePrompt,
    each('dataset', 'config.dataset_id', 'read'),
    gatewayModels('config.optimizer_config_json'),
  ),
  get_job: needs(one('job', 'job_id')),
  cancel_job: needs(one('job', 'job_id')),
  getPromptOptimizationJob: byJob,
  cancelPromptOptimizationJob: byJob,
  deletePromptOptimizationJob: byJob,
  searchPromptOptimizationJobs: needs(one('experiment', 'experiment_id')),
};

/** The job writes new versions of the prompt that it begins with. */
function sourcePrompt(asked: AskedRequest): ReturnType<Source> {
  const { text, at } = asked.one('source_prompt_uri');
  const name = /^prompts:\/+([^/@]+)(?:\/[1-9]\d*|@[\w.-]+)$/.exec(text)?.[1] ?? '';
  return [{ named: { kind: 'prompt', id: name, at }, level: 'write' }];
}
