import { then } from '../resolve/later.js';
import { lookedUpAgain } from './answer-checks.js';
import { each, needs, one, onSuccess, some, type Rule, type RulesByCall } from './rule.js';

const byPath = needs(one('dataset', 'dataset_id'));

/**
 * A data set belongs to experiments. To read it, a grant for one of them is enough; to change it, all must be granted.
 */
export const DATASET_RULES: RulesByCall = {
  createDataset: needs(some('experiment', 'experiment_ids[]')),
  getDataset: lookedUpAgain(byPath),
  getDatasetExperimentIds: lookedUpAgain(byPath),
  getDatasetRecords: lookedUpAgain(byPath),
  deleteDataset: byPath,
  upsertDatasetRecords: byPath,
  deleteDatasetRecords: byPath,
  setDatasetTags: byPath,
  deleteDatasetTag: byPath,
  addDatasetToExperiments: relinking(
    needs(one('dataset', 'dataset_id'), some('experiment', 'experiment_ids[]')),
  ),
  removeDatasetFromExperiments: relinking(
    needs(one('dataset', 'dataset_id'), each('experiment', 'experiment_ids[]')),
  ),
};

function relinking(rule: Rule): Rule {
  return {
    ...rule,
    judge: (asked, access) =>
      then(rule.judge(asked, access), (ruling) => ({
        ...ruling,
        plan: onSuccess(ruling.plan, () =>
          access.owners.forget('dataset', asked.parts.path['dataset_id'] ?? '', access.workspace),
        ),
      })),
  };
}
