import type { Grants } from '../../../contracts/access/grants.js';
import { SCOPE_ADMIN, SCOPE_INVOKE, SCOPE_MLFLOW_ACCESS, SCOPES } from '../../../contracts/access/scopes.js';

const LEVEL_WORDS: Readonly<Record<string, string>> = {
  read: 'Sees',
  write: 'Sees and changes',
  manage: 'Sees, changes, renames, deletes and restores',
  '*': 'Does everything with',
};

const FAMILY_WORDS: Readonly<Record<string, string>> = {
  mlflow: 'everything in MLflow',
  artifact: 'artifacts',
  experiment: 'experiments and their runs',
  gateway: "MLflow's AI gateway",
  mcp: 'MCP servers',
  review: 'reviews',
};

/** What a scope allows, as a sentence. */
export function scopeWords(scope: string): string {
  if (scope === SCOPE_MLFLOW_ACCESS) return 'Uses all of MLflow but its assistant.';
  if (scope === SCOPE_ADMIN) return 'Manages webhooks, users, roles, workspaces and secrets.';
  if (scope === SCOPE_INVOKE) return "Calls models through MLflow's AI gateway.";
  if (!SCOPES.includes(scope)) return 'Gives nothing that this version knows.';
  const [family = '', level = ''] = scope.split(':');
  return `${LEVEL_WORDS[level]} ${FAMILY_WORDS[family] ?? `${family}s`}.`;
}

/** What grants open, a sentence each. */
export function grantWords({ experiments, models, prompts, endpoints, workspaces }: Grants): string[] {
  const named = (kind: string, entries: Grants['models']): string[] =>
    (entries ?? []).map(({ name, level }) => `${LEVEL_WORDS[level]} ${thingsNamed(kind, name)}.`);
  return [
    ...(experiments ?? []).map((one) =>
      'id' in one
        ? `${LEVEL_WORDS[one.level]} the experiment with the id ${one.id}.`
        : `${LEVEL_WORDS[one.level]} ${thingsNamed('experiment', one.name)}.`,
    ),
    ...named('model', models),
    ...named('prompt', prompts),
    ...(endpoints ?? []).map(({ name }) => `Calls ${thingsNamed('endpoint', name)}.`),
    ...(workspaces ?? []).map((name) => `Works in the workspace “${name}”.`),
  ];
}

/** A name may be a pattern. */
function thingsNamed(kind: string, name: string): string {
  if (name === '*') return `all ${kind}s`;
  return name.includes('*') ? `the ${kind}s named “${name}”` : `the ${kind} “${name}”`;
}
