import { gatewayModels } from './gateway-models.js';
import { needs, one, type RulesByCall } from './rule.js';

const inExperiment = needs(one('experiment', 'experiment_id'));

export const SCORER_RULES: RulesByCall = {
  // MLflow runs it later: the endpoints that it calls are those of who registers it.
  registerScorer: needs(one('experiment', 'experiment_id'), gatewayModels('serialized_scorer')),
  getScorer: inExperiment,
  listScorerVersions: inExperiment,
  deleteScorer: inExperiment,
  upsert_online_scoring_config: inExperiment,
};
