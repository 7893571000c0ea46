import type { AskedRequest } from '../reading/asked-request.js';
import { then } from '../resolve/later.js';
import { checkedAgain } from './answer-checks.js';
import {
  each,
  needs,
  one,
  onSuccess,
  type Access,
  type Rule,
  type RulesByCall,
  type Source,
} from './rule.js';

const byId = needs(one('experiment', 'experiment_id'));

export const EXPERIMENT_RULES: RulesByCall = {
  createExperiment: forgettingNames(needs(one('new-experiment-name', 'name'), withoutLocation)),
  getExperiment: checkedAgain(byId),
  getExperimentByName: checkedAgain(needs(one('experiment-name', 'experiment_name'))),
  updateExperiment: forgettingNames(
    // The new name may match the patterns of other keys, so this key must have a grant for both names.
    needs(renamed, each('new-experiment-name', 'new_name', 'manage')),
  ),
  setExperimentTag: byId,
  deleteExperimentTag: byId,
  deleteExperiment: byId,
  restoreExperiment: byId,
};

function renamed(asked: AskedRequest): ReturnType<Source> {
  return one('experiment', 'experiment_id', asked.has('new_name') ? 'manage' : undefined)(asked);
}

/** Files of an experiment lie where MLflow puts them: another place may be somebody else's. */
function withoutLocation(asked: AskedRequest): ReturnType<Source> {
  const { text, at } = asked.one('artifact_location');
  return text === '' ? [] : [{ named: { kind: 'storage-location', id: text, at }, level: 'write' }];
}

/** Once MLflow has accepted the change, cached names are outdated. */
function forgettingNames(rule: Rule): Rule {
  return {
    ...rule,
    judge: (asked, access) =>
      then(rule.judge(asked, access), (ruling) => ({
        ...ruling,
        plan: onSuccess(ruling.plan, () => forget(asked, access)),
      })),
  };
}

function forget(asked: AskedRequest, { directory, owners, workspace }: Access): void {
  directory.forget();
  for (const { text } of asked.read('experiment_id')) owners.forget('experiment', text, workspace);
}
