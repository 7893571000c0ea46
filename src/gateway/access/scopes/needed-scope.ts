import {
  SCOPE_ADMIN,
  SCOPE_INVOKE,
  SCOPE_LEVELS,
  SCOPE_MLFLOW_ACCESS,
  type ScopeFamily,
  type ScopeLevel,
} from '../../../contracts/access/scopes.js';
import { withoutTree, type Route, type RouteFamily } from '../../mlflow-routes/route.js';
import { familyIndex, type ScopeLevels } from './scope-levels.js';

/** What a route asks of the scopes of a key. */
export interface NeededScope {
  /** What a refusal names: one scope, or several separated by spaces (RFC 6749, 3.3). */
  readonly scope: string;
  isMet(levels: ScopeLevels): boolean;
}

/** Any scope for MLflow is enough: pages, probes, and what is the same for everybody. */
export const ANY_SCOPE: NeededScope = { scope: SCOPE_MLFLOW_ACCESS, isMet: ({ hasAny }) => hasAny };
const ADMIN: NeededScope = { scope: SCOPE_ADMIN, isMet: ({ isAdmin }) => isAdmin };
/** It has its own setting, so it is not restricted again by the setting for `mlflow:access`. */
const ASSISTANT: NeededScope = { scope: SCOPE_ADMIN, isMet: ({ isAdmin, isFull }) => isAdmin || isFull };
const INVOKE: NeededScope = { scope: SCOPE_INVOKE, isMet: ({ mayInvoke }) => mayInvoke };
/** Its fields read all of these, and which of them stands in the body. */
const GRAPHQL = allOf(['experiment', 'artifact', 'model'], 'read');

/** Families of routes that one family of scopes opens. */
const SCOPES_OF: Partial<Record<RouteFamily, ScopeFamily>> = {
  experiment: 'experiment',
  run: 'experiment',
  'logged-model': 'experiment',
  artifact: 'artifact',
  trace: 'trace',
  otlp: 'trace',
  dataset: 'dataset',
  scorer: 'scorer',
  review: 'review',
  job: 'job',
  gateway: 'gateway',
  'gateway-admin': 'gateway',
  mcp: 'mcp',
  workspace: 'workspace',
};

/** Lists of what MLflow supports, the same for everybody. */
const STATIC = /^mlflow\/gateway\/(?:supported-providers|supported-models|provider-config|secrets\/config)$/;
/** For the operator only: these routes reach beyond MLflow. */
const OPERATORS = /^(?:jobs\/$|mlflow\/gateway\/(?:secrets|guardrails)\/)/;

export function neededScope(route: Route): NeededScope {
  const { family, action } = route;
  const path = withoutTree(route.template);
  if (family === 'ui' || family === 'probe' || STATIC.test(path)) return ANY_SCOPE;
  if (family === 'assistant') return ASSISTANT;
  if (family === 'graphql') return GRAPHQL;
  if (action === 'invoke') return INVOKE;
  if (family === 'webhook' || family === 'user' || family === 'demo') return ADMIN;
  if (action === 'manage' && (family === 'workspace' || OPERATORS.test(path))) return ADMIN;
  // Models and prompts share their routes; which of them a name is, only MLflow knows.
  if (family === 'registry') return anyOf(['model', 'prompt'], action);
  const scopeFamily = SCOPES_OF[family];
  return scopeFamily === undefined ? ADMIN : anyOf([scopeFamily], action);
}

function anyOf(families: readonly ScopeFamily[], level: ScopeLevel): NeededScope {
  const wanted = SCOPE_LEVELS.indexOf(level) + 1;
  const [first, second = first] = families.map(familyIndex) as [number, number?];
  return {
    scope: `${families[0]}:${level}`,
    isMet: ({ levels }) => (levels[first] as number) >= wanted || (levels[second] as number) >= wanted,
  };
}

function allOf(families: readonly ScopeFamily[], level: ScopeLevel): NeededScope {
  const needs = families.map((family) => anyOf([family], level));
  return {
    scope: needs.map(({ scope }) => scope).join(' '),
    isMet: (levels) => needs.every((need) => need.isMet(levels)),
  };
}
