import type { WhoamiResponse } from '../../contracts/keys/access-explain.js';
import { SCOPE_FAMILIES, SCOPE_LEVELS, SCOPES } from '../../contracts/access/scopes.js';
import { foldScopes, givenScopes, type ScopeRules } from '../access/scopes/scope-levels.js';

export type ScopeReport = Pick<
  WhoamiResponse,
  'scopes' | 'unknown_scopes' | 'levels' | 'may_invoke' | 'is_admin' | 'may_use_unknown_routes'
>;

const KNOWN: ReadonlySet<string> = new Set(SCOPES);

/** @param scopes null where the auth service named none */
export function scopeReport(
  scopes: readonly string[] | null,
  rules: ScopeRules & { readonly unknownRoutes: 'allow' | 'deny' },
): ScopeReport {
  const given = givenScopes(scopes, rules);
  const { levels, mayInvoke, isAdmin, isFull } = foldScopes(scopes, rules);
  return {
    scopes: given.filter((scope) => KNOWN.has(scope)),
    unknown_scopes: given.filter((scope) => !KNOWN.has(scope)),
    levels: Object.fromEntries(
      SCOPE_FAMILIES.map((family, index) => [family, SCOPE_LEVELS[(levels[index] as number) - 1] ?? null]),
    ) as WhoamiResponse['levels'],
    may_invoke: mayInvoke,
    is_admin: isAdmin,
    may_use_unknown_routes: isFull && rules.unknownRoutes === 'allow',
  };
}
