import { each, needs, one, type RulesByCall } from './rule.js';

const byId = needs(one('logged-model', 'model_id'));

export const LOGGED_MODEL_RULES: RulesByCall = {
  createLoggedModel: needs(one('experiment', 'experiment_id'), each('run', 'source_run_id')),
  getLoggedModel: byId,
  finalizeLoggedModel: byId,
  deleteLoggedModel: byId,
  setLoggedModelTags: byId,
  deleteLoggedModelTag: byId,
  logLoggedModelParams: byId,
};
