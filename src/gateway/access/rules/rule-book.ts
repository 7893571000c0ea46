import type { Route, RouteFamily } from '../../mlflow-routes/route.js';
import { ARTIFACT_RULES } from './artifact.rules.js';
import { DATASET_RULES } from './dataset.rules.js';
import { GRAPHQL_RULES } from './graphql.rules.js';
import { LIST_RULES } from './list.rules.js';
import { OTLP_RULES } from './otlp.rules.js';
import { EXPERIMENT_RULES } from './experiment.rules.js';
import { GATEWAY_ADMIN_RULES, GATEWAY_RULES } from './gateway.rules.js';
import { JOB_RULES } from './job.rules.js';
import { LOGGED_MODEL_RULES } from './logged-model.rules.js';
import { REGISTRY_RULES } from './registry.rules.js';
import { REVIEW_RULES } from './review.rules.js';
import { BY_SCOPE_ALONE, type Rule, type RulesByCall } from './rule.js';
import { RUN_RULES } from './run.rules.js';
import { SCORER_RULES } from './scorer.rules.js';
import { TRACE_RULES } from './trace.rules.js';
import { WORKSPACE_RULES } from './workspace.rules.js';

/**
 * Where each family of routes is decided for keys with grants: by the rule of the call's name. A call without a rule
 * is closed to them.
 */
const RULES: Readonly<Partial<Record<RouteFamily, RulesByCall>>> = {
  experiment: EXPERIMENT_RULES,
  run: RUN_RULES,
  'logged-model': LOGGED_MODEL_RULES,
  artifact: ARTIFACT_RULES,
  trace: TRACE_RULES,
  registry: REGISTRY_RULES,
  dataset: DATASET_RULES,
  scorer: SCORER_RULES,
  review: REVIEW_RULES,
  job: JOB_RULES,
  gateway: GATEWAY_RULES,
  'gateway-admin': GATEWAY_ADMIN_RULES,
  workspace: WORKSPACE_RULES,
  graphql: GRAPHQL_RULES,
  otlp: OTLP_RULES,
};

/** Families that are about no experiment, model or endpoint: where no rule says more, their scopes decide. */
const SCOPE_ALONE: ReadonlySet<RouteFamily> = new Set<RouteFamily>([
  'ui',
  'probe',
  'gateway-admin',
  'mcp',
  'webhook',
  'user',
  'assistant',
  'demo',
]);

/** Undefined for a call that no rule decides. */
export function ruleOf({ family, name }: Route): Rule | undefined {
  const rule = ruleIn(RULES[family], name) ?? ruleIn(LIST_RULES[family], name);
  return rule ?? (SCOPE_ALONE.has(family) ? BY_SCOPE_ALONE : undefined);
}

function ruleIn(rules: RulesByCall | undefined, name: string): Rule | undefined {
  return rules !== undefined && Object.hasOwn(rules, name) ? rules[name] : undefined;
}
