/** Scopes of API keys: what a key may do in MLflow. They only add, and an unknown one gives nothing. */

/** All that MLflow serves but its assistant. Where an auth service names no scopes, a key has this one. */
export const SCOPE_MLFLOW_ACCESS = 'mlflow:access';
/** Webhooks, users, roles, workspaces, gateway secrets and guardrails, and the submission of jobs. */
export const SCOPE_ADMIN = 'admin';
/** Calling a model through MLflow's AI gateway. */
export const SCOPE_INVOKE = 'gateway:invoke';

export const SCOPE_FAMILIES = [
  'experiment',
  'artifact',
  'trace',
  'model',
  'prompt',
  'dataset',
  'scorer',
  'review',
  'job',
  'gateway',
  'mcp',
  'workspace',
] as const;
export type ScopeFamily = (typeof SCOPE_FAMILIES)[number];

/** Each includes those before it. Deleting, restoring and renaming are `manage`, as in MLflow. */
export const SCOPE_LEVELS = ['read', 'write', 'manage'] as const;
export type ScopeLevel = (typeof SCOPE_LEVELS)[number];

/** What a key has whose creator named none. */
export const DEFAULT_SCOPES = ['model:read', 'model:write', SCOPE_MLFLOW_ACCESS] as const;

/** What a key with grants has whose creator named none: the grants say what of it. */
export const DEFAULT_SCOPES_WITH_GRANTS = ['mlflow:manage', SCOPE_INVOKE] as const;

/** Every scope there is: `<family>:<level>`, `<family>:*`, `mlflow:<level>` for all families, and the three above. */
export const SCOPES: readonly string[] = [
  SCOPE_MLFLOW_ACCESS,
  ...SCOPE_LEVELS.map((level) => `mlflow:${level}`),
  ...SCOPE_FAMILIES.flatMap((family) => [...SCOPE_LEVELS, '*'].map((level) => `${family}:${level}`)),
  SCOPE_INVOKE,
  SCOPE_ADMIN,
];
