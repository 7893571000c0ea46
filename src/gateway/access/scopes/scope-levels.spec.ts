import { foldScopes, familyIndex } from './scope-levels.js';
import type { ScopeFamily } from '../../../contracts/access/scopes.js';

const RULES = { requireScopes: false, accessIncludesAdmin: true, withGrants: false };
const level = (scopes: string[] | null, family: ScopeFamily): number | undefined =>
  foldScopes(scopes, RULES).levels[familyIndex(family)];

describe('scopes as levels', () => {
  it.each([
    [['experiment:read'], 'experiment', 1],
    [['experiment:read'], 'trace', 0],
    [['experiment:write', 'experiment:read'], 'experiment', 2],
    [['experiment:*'], 'experiment', 3],
    [['mlflow:read'], 'trace', 1],
    [['mlflow:manage', 'mlflow:read'], 'job', 3],
    [['mlflow:access'], 'mcp', 3],
    [['model:write'], 'prompt', 0],
    [null, 'experiment', 3],
    [[], 'experiment', 0],
    // What there is no such scope for gives nothing.
    [['mlflow:*'], 'experiment', 0],
    [['experiment'], 'experiment', 0],
    [['experiment:'], 'experiment', 0],
    [['experiment:READ'], 'experiment', 0],
    [['experiment:read:x'], 'experiment', 0],
    [['run:read'], 'experiment', 0],
    [['constructor:read', '__proto__:read', ':read', '*:*'], 'experiment', 0],
  ] as const)('%j gives %s the level %i', (scopes, family, expected) => {
    expect(level(scopes === null ? null : [...scopes], family)).toBe(expected);
  });

  it('opens calls of models by a scope of their own', () => {
    const mayInvoke = (...scopes: string[]): boolean => foldScopes(scopes, RULES).mayInvoke;
    expect(mayInvoke('gateway:invoke')).toBe(true);
    expect(mayInvoke('gateway:*')).toBe(true);
    expect(mayInvoke('mlflow:access')).toBe(true);
    expect(mayInvoke('mlflow:manage', 'gateway:manage')).toBe(false);
  });

  it('gives administration by a scope of its own, and with mlflow:access unless that is turned off', () => {
    const closed = { ...RULES, accessIncludesAdmin: false };
    expect(foldScopes(['mlflow:access'], RULES).isAdmin).toBe(true);
    expect(foldScopes(['mlflow:access'], closed).isAdmin).toBe(false);
    expect(foldScopes(['mlflow:access', 'admin'], closed).isAdmin).toBe(true);
    expect(foldScopes(['mlflow:manage'], RULES).isAdmin).toBe(false);
  });

  it('takes an auth service that names no scopes for one that gives all, unless scopes are required', () => {
    expect(foldScopes(null, RULES)).toMatchObject({ isFull: true, hasAny: true });
    expect(foldScopes(null, { ...RULES, requireScopes: true })).toMatchObject({
      isFull: false,
      hasAny: false,
    });
  });

  it('opens only what grants decide if the key has grants; the rest needs its own scopes', () => {
    const narrow = { ...RULES, withGrants: true };
    for (const scopes of [['mlflow:manage'], ['mlflow:access'], null]) {
      const folded = foldScopes(scopes, narrow);
      expect(folded.levels[familyIndex('experiment')]).toBe(3);
      expect(folded.levels[familyIndex('gateway')]).toBe(1);
      expect(folded.levels[familyIndex('mcp')]).toBe(1);
      expect(folded).toMatchObject({ isFull: false, isAdmin: false });
    }
    expect(foldScopes(['mlflow:read', 'mcp:write'], narrow).levels[familyIndex('mcp')]).toBe(2);
  });
});
