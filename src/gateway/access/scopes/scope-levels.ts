import {
  SCOPE_ADMIN,
  SCOPE_FAMILIES,
  SCOPE_INVOKE,
  SCOPE_LEVELS,
  SCOPE_MLFLOW_ACCESS,
  type ScopeFamily,
} from '../../../contracts/access/scopes.js';

/** The combined effect of scopes, ready to be compared with what a route needs. */
export interface ScopeLevels {
  /** By the place of a family in SCOPE_FAMILIES: 0 nothing, 1 read, 2 write, 3 manage. */
  readonly levels: readonly number[];
  readonly mayInvoke: boolean;
  readonly isAdmin: boolean;
  /** `mlflow:access`: also what no scope is for. */
  readonly isFull: boolean;
  /** Whether any part of MLflow is open. */
  readonly hasAny: boolean;
}

export interface ScopeRules {
  /** A key without scopes from the auth service gets no scopes instead of `mlflow:access`. */
  readonly requireScopes: boolean;
  readonly accessIncludesAdmin: boolean;
  /**
   * The key has grants. A scope for all of MLflow then allows only what grants decide about. Everything else needs its
   * own scope: `gateway:write`, `mcp:write`, `admin`.
   */
  readonly withGrants: boolean;
}

const READ = 1;
const MANAGE = SCOPE_LEVELS.length;
/** Families of what no grant is about. */
const UNGRANTED: ReadonlySet<ScopeFamily> = new Set<ScopeFamily>(['gateway', 'mcp', 'workspace']);
const LEVELS: ReadonlyMap<string, number> = new Map([
  ...SCOPE_LEVELS.map((level, index) => [level, index + 1] as const),
  ['*', MANAGE],
]);
const ALL_FAMILIES = SCOPE_FAMILIES.map((_, index) => index);

export function familyIndex(family: ScopeFamily): number {
  return SCOPE_FAMILIES.indexOf(family);
}

/** @param scopes null where the auth service named none */
export function givenScopes(
  scopes: readonly string[] | null,
  { requireScopes }: Pick<ScopeRules, 'requireScopes'>,
): readonly string[] {
  return scopes ?? (requireScopes ? [] : [SCOPE_MLFLOW_ACCESS]);
}

/** @param scopes null where the auth service named none */
export function foldScopes(scopes: readonly string[] | null, rules: ScopeRules): ScopeLevels {
  const given = givenScopes(scopes, rules);
  const hasAccess = given.includes(SCOPE_MLFLOW_ACCESS);
  const isFull = hasAccess && !rules.withGrants;
  const isAdmin = given.includes(SCOPE_ADMIN) || (isFull && rules.accessIncludesAdmin);
  const mayInvoke = hasAccess || given.includes(SCOPE_INVOKE) || given.includes('gateway:*');
  const mostOf = SCOPE_FAMILIES.map((family): number =>
    rules.withGrants && UNGRANTED.has(family) ? READ : MANAGE,
  );
  const levels = mostOf.map((most): number => (hasAccess ? most : 0));
  for (const scope of given) {
    const colon = scope.indexOf(':');
    const level = LEVELS.get(scope.slice(colon + 1));
    if (colon === -1 || level === undefined) continue;
    const family = scope.slice(0, colon);
    for (const index of familiesOf(family, scope)) {
      const most = family === 'mlflow' ? (mostOf[index] as number) : MANAGE;
      levels[index] = Math.max(levels[index] as number, Math.min(level, most));
    }
  }
  return {
    levels,
    mayInvoke,
    isAdmin,
    isFull,
    hasAny: isAdmin || mayInvoke || levels.some((level) => level > 0),
  };
}

function familiesOf(name: string, scope: string): readonly number[] {
  if (name === 'mlflow') return scope === 'mlflow:*' ? [] : ALL_FAMILIES;
  const index = (SCOPE_FAMILIES as readonly string[]).indexOf(name);
  return index === -1 ? [] : [index];
}
