import { each, needs, one, type RulesByCall } from './rule.js';

const inExperiment = needs(one('experiment', 'experiment_id'));
const bySchema = needs(one('label-schema', 'schema_id'));
const byQueue = needs(one('review-queue', 'queue_id'));
const byIssue = needs(one('issue', 'issue_id'));

/** Label schemas, review queues and issues: what people say of traces. */
export const REVIEW_RULES: RulesByCall = {
  createLabelSchema: inExperiment,
  getLabelSchema: bySchema,
  getLabelSchemaByName: inExperiment,
  listLabelSchemas: inExperiment,
  updateLabelSchema: bySchema,
  deleteLabelSchema: bySchema,

  createReviewQueue: needs(one('experiment', 'experiment_id'), each('label-schema', 'schema_ids[]', 'read')),
  getReviewQueue: byQueue,
  getReviewQueueByName: inExperiment,
  getOrCreateUserQueue: inExperiment,
  updateReviewQueue: needs(one('review-queue', 'queue_id'), each('label-schema', 'schema_ids[]', 'read')),
  deleteReviewQueue: byQueue,
  listReviewQueues: inExperiment,
  addItemsToReviewQueue: needs(one('review-queue', 'queue_id'), each('trace', 'item_ids[]', 'read')),
  removeItemsFromReviewQueue: byQueue,
  listReviewQueueItems: byQueue,
  setReviewQueueItemStatus: byQueue,

  createIssue: needs(one('experiment', 'experiment_id'), each('run', 'source_run_id', 'read')),
  getIssue: byIssue,
  updateIssue: byIssue,
  searchIssues: inExperiment,
};
