import { SCOPE_FAMILIES, SCOPES } from '../../contracts/access/scopes.js';
import { foldScopes } from '../access/scopes/scope-levels.js';
import { scopeReport } from './scope-report.js';

const RULES = {
  requireScopes: false,
  accessIncludesAdmin: true,
  withGrants: false,
  unknownRoutes: 'allow',
} as const;

describe('the report on scopes', () => {
  it('calls a scope known exactly where it opens something', () => {
    const words = ['mlflow', 'later', ...SCOPE_FAMILIES, ''];
    const levels = ['read', 'write', 'manage', '*', 'invoke', 'access', 'READ', ''];
    const made = words.flatMap((word) => levels.map((level) => `${word}:${level}`));
    for (const scope of [...SCOPES, ...made, 'admin', 'Admin', 'experiment']) {
      const { hasAny } = foldScopes([scope], RULES);
      expect([scope, scopeReport([scope], RULES).unknown_scopes]).toEqual([scope, hasAny ? [] : [scope]]);
    }
  });

  it('names the highest level of each family', () => {
    const { levels } = scopeReport(['experiment:read', 'experiment:*', 'trace:write', 'mlflow:read'], RULES);
    expect(levels).toMatchObject({ experiment: 'manage', trace: 'write', dataset: 'read' });
  });

  it('says that unknown calls are closed where they are closed for all', () => {
    expect(scopeReport(null, RULES).may_use_unknown_routes).toBe(true);
    expect(scopeReport(null, { ...RULES, unknownRoutes: 'deny' }).may_use_unknown_routes).toBe(false);
    expect(scopeReport(null, { ...RULES, requireScopes: true })).toMatchObject({
      scopes: [],
      may_use_unknown_routes: false,
    });
  });
});
