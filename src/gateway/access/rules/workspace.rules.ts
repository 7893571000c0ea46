import { BY_SCOPE_ALONE, needs, one, type RulesByCall } from './rule.js';

export const WORKSPACE_RULES: RulesByCall = {
  getWorkspace: needs(one('workspace', 'workspace_name')),
  // For administrators.
  createWorkspace: BY_SCOPE_ALONE,
  updateWorkspace: BY_SCOPE_ALONE,
  deleteWorkspace: BY_SCOPE_ALONE,
};
