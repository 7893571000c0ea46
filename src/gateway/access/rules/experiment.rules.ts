import { needs, one, type RulesByCall } from './rule.js';

const byId = needs(one('experiment', 'experiment_id'));

export const EXPERIMENT_RULES: RulesByCall = {
  getExperiment: byId,
  getExperimentByName: needs(one('experiment-name', 'experiment_name')),
  setExperimentTag: byId,
  deleteExperimentTag: byId,
  deleteExperiment: byId,
  restoreExperiment: byId,
};
