import { readStrictJson, type Json } from '../../../lib/json/strict-json.js';
import type { AskedRequest } from '../reading/asked-request.js';
import { judges, withRegistered, type RegisteredJudge } from './judges.js';
import { BY_SCOPE_ALONE, each, needs, one, some, type RulesByCall, type Source } from './rule.js';

const byJob = needs(one('prompt-optimization-job', 'job_id'));

/** Jobs that MLflow runs later: everything that a job will touch must be granted when it is submitted. */
export const JOB_RULES: RulesByCall = {
  // For administrators: it runs any registered function on MLflow's host.
  submit_job: BY_SCOPE_ALONE,
  invoke_scorer_handler: withRegistered(
    needs(one('experiment', 'experiment_id'), some('trace', 'trace_ids[]'), judges('serialized_scorer')),
    namedScorer,
  ),
  invoke_genai_evaluate_handler: withRegistered(
    needs(one('experiment', 'experiment_id'), some('trace', 'trace_ids[]'), judges('serialized_scorers[]')),
    versionsOfScorers,
  ),
  invoke_issue_detection_handler: needs(
    one('experiment', 'experiment_id'),
    some('trace', 'trace_ids[]'),
    each('endpoint', 'endpoint_name', 'invoke'),
    // No grant is about secrets.
    each('secret', 'secret_id'),
  ),
  createPromptOptimizationJob: withRegistered(
    needs(
      one('experiment', 'experiment_id'),
      sourcePrompt,
      each('dataset', 'config.dataset_id', 'read'),
      judges('config.optimizer_config_json'),
    ),
    (asked) => asked.read('config.scorers[]').map(({ text }) => ({ name: text, version: undefined })),
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
  const name = /^prompts:\/+([\w.-]+)(?:\/[1-9]\d*|@[\w.-]+)$/.exec(text)?.[1] ?? '';
  return [{ named: { kind: 'prompt', id: name, at }, level: 'write' }];
}

/** In place of the judge that the request has, MLflow runs the one that it has of that name and version. */
function namedScorer({ parts }: AskedRequest): readonly RegisteredJudge[] {
  return registered(parts.fields['scorer_name'], parts.fields['scorer_version']);
}

/** Here the name stands in the text of the judge, and its version in a list beside it. */
function versionsOfScorers({ parts }: AskedRequest): readonly RegisteredJudge[] {
  const { serialized_scorers: texts, scorer_versions: versions } = parts.fields;
  if (!Array.isArray(texts) || !Array.isArray(versions)) return [];
  return (texts as readonly Json[]).flatMap((text, index) => {
    const read = readStrictJson(Buffer.from(typeof text === 'string' ? text : ''));
    return 'fault' in read ? [] : registered(read.value['name'], (versions as readonly Json[])[index]);
  });
}

function registered(name: Json | undefined, version: Json | undefined): readonly RegisteredJudge[] {
  if (typeof name !== 'string' || typeof version !== 'number') return [];
  return [{ name, version }];
}
