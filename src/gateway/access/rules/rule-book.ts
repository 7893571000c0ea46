import type { Route, RouteFamily } from '../../mlflow-routes/route.js';
import { EXPERIMENT_RULES } from './experiment.rules.js';
import { RUN_RULES } from './run.rules.js';
import { LOGGED_MODEL_RULES } from './logged-model.rules.js';
import { BY_SCOPE_ALONE, type Rule, type RulesByCall } from './rule.js';

/**
 * Where each family of routes is decided for keys with grants: by the rule of the call's name. A call without a rule
 * is closed to them.
 */
const RULES: Readonly<Partial<Record<RouteFamily, RulesByCall>>> = {
  experiment: EXPERIMENT_RULES,
  run: RUN_RULES,
  'logged-model': LOGGED_MODEL_RULES,
};

/** Families that are about no experiment, model or endpoint: their scopes decide. */
const SCOPE_ALONE: ReadonlySet<RouteFamily> = new Set<RouteFamily>([
  'ui',
  'probe',
  'mcp',
  'webhook',
  'user',
  'assistant',
  'demo',
]);

/** Undefined for a call that no rule decides. */
export function ruleOf({ family, name }: Route): Rule | undefined {
  if (SCOPE_ALONE.has(family)) return BY_SCOPE_ALONE;
  const rules = RULES[family];
  return rules !== undefined && Object.hasOwn(rules, name) ? rules[name] : undefined;
}
