import type { AskedRequest } from '../reading/asked-request.js';
import { judges, withRegistered, type RegisteredJudge } from './judges.js';
import { needs, one, type RulesByCall } from './rule.js';

const inExperiment = needs(one('experiment', 'experiment_id'));

export const SCORER_RULES: RulesByCall = {
  // MLflow runs it later: what it touches has to be open to who registers it.
  registerScorer: needs(one('experiment', 'experiment_id'), judges('serialized_scorer')),
  getScorer: inExperiment,
  listScorerVersions: inExperiment,
  deleteScorer: inExperiment,
  // From now on it runs on every new trace.
  upsert_online_scoring_config: withRegistered(inExperiment, newest),
};

function newest(asked: AskedRequest): readonly RegisteredJudge[] {
  const { text } = asked.one('name');
  return text === '' || asked.parts.fields['sample_rate'] === 0 ? [] : [{ name: text, version: undefined }];
}
