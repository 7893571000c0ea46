import type { Grants } from '../../../contracts/access/grants.js';
import { keyFacts } from '../../../../test/support/lib/key-facts.js';
import { decide, type Resolved } from './decide.js';
import { grantSetOf, type GrantLevel, type GrantSet, type Owner } from './grant-set.js';
import { workspaceOf } from './workspace-of.js';

const setOf = (grants: Grants, scopes: string[] | null = ['mlflow:manage']): GrantSet =>
  grantSetOf(keyFacts({ grants, scopes })) as GrantSet;
const opens = (set: GrantSet, owner: Owner, level: GrantLevel): boolean =>
  set.grantFor(owner, level) !== undefined;

describe('the grants of a key', () => {
  const set = setOf({
    experiments: [
      { id: '1', level: 'read' },
      { id: '1', level: 'write' },
      { name: 'team-a/*', level: 'manage' },
    ],
    models: [{ name: 'team-a-*', level: 'write' }],
    endpoints: [{ name: 'gpt-*', level: 'invoke' }],
  });

  it.each<[Owner, GrantLevel, boolean]>([
    [{ kind: 'experiment', id: '1' }, 'write', true],
    [{ kind: 'experiment', id: '1' }, 'manage', false],
    [{ kind: 'experiment', id: '1', name: 'team-a/x' }, 'manage', true],
    [{ kind: 'experiment', id: '2' }, 'read', false],
    [{ kind: 'experiment', id: '2', name: 'team-a/x' }, 'read', true],
    [{ kind: 'experiment', id: '2', name: 'Team-A/x' }, 'read', false],
    [{ kind: 'model', name: 'team-a-x' }, 'write', true],
    [{ kind: 'model', name: 'team-a-x' }, 'manage', false],
    [{ kind: 'prompt', name: 'team-a-x' }, 'read', false],
    [{ kind: 'endpoint', name: 'gpt-4' }, 'invoke', true],
    [{ kind: 'endpoint', name: 'gpt-4' }, 'read', false],
    [{ kind: 'workspace', name: 'default' }, 'read', false],
  ])('%j to %s: %j', (owner, level, isOpen) => {
    expect(opens(set, owner, level)).toBe(isOpen);
  });

  it('open nothing if they are empty', () => {
    expect(opens(setOf({}), { kind: 'experiment', id: '0' }, 'read')).toBe(false);
    expect(grantSetOf(keyFacts())).toBeUndefined();
  });

  it('open of models and prompts what the scope for each of them does', () => {
    const grants: Grants = {
      models: [{ name: '*', level: 'manage' }],
      prompts: [{ name: '*', level: 'manage' }],
    };
    const narrow = setOf(grants, ['model:write']);
    expect(opens(narrow, { kind: 'model', name: 'x' }, 'write')).toBe(true);
    expect(opens(narrow, { kind: 'model', name: 'x' }, 'manage')).toBe(false);
    expect(opens(narrow, { kind: 'prompt', name: 'x' }, 'read')).toBe(false);
  });

  it('ask for a name only where it could open more than the id does', () => {
    expect(set.needsName('1', 'write')).toBe(false);
    expect(set.needsName('1', 'manage')).toBe(true);
    expect(setOf({ experiments: [{ id: '1', level: 'read' }] }).needsName('2', 'read')).toBe(false);
  });
});

describe('a decision', () => {
  const set = setOf({ experiments: [{ id: '1', level: 'read' }] });
  const [own, foreign]: Owner[] = [
    { kind: 'experiment', id: '1' },
    { kind: 'experiment', id: '2' },
  ];
  const resolved = (owners: readonly (Owner | undefined)[], quantifier: 'any' | 'all'): Resolved => ({
    need: { named: { kind: 'dataset', id: 'd', at: 'path dataset_id' }, level: 'read' },
    owners: owners as Owner[],
    quantifier,
    how: 'looked_up',
  });

  it.each([
    ['one of several, any', [foreign, own], 'any', true],
    ['one of several, all', [foreign, own], 'all', false],
    ['none, any', [], 'any', false],
    ['none, all', [], 'all', false],
  ] as const)('over %s', (_what, owners, quantifier, isOpen) => {
    expect(decide([resolved(owners, quantifier)], set).lacking === undefined).toBe(isOpen);
  });

  it('names the first thing that no grant opens, and the grants of the others', () => {
    const verdict = decide([resolved([own], 'all'), resolved([foreign], 'all')], set);
    expect(verdict.lacking).toBe(verdict.findings[1]);
    expect(verdict.findings[0]?.grant).toEqual({ kind: 'experiment', by: 'id', value: '1', level: 'read' });
  });
});

describe('the workspace of a request', () => {
  const of = (headers: readonly string[], granted: readonly string[]): unknown => {
    try {
      return workspaceOf(headers, granted);
    } catch (error) {
      return (error as { problem?: string }).problem;
    }
  };
  const named = (value: string): string[] => ['X-MLflow-Workspace', value];

  it.each<[string, readonly string[], readonly string[], unknown]>([
    ['none granted, none named', [], [], { workspace: undefined, isAnother: false }],
    ['none granted, one named', named('a'), [], 'resource-forbidden'],
    ['none granted, the default one named', named('default'), [], 'resource-forbidden'],
    ['one granted', [], ['a'], { workspace: 'a', isAnother: true }],
    ['one granted and named', named('a'), ['a'], { workspace: 'a', isAnother: false }],
    ['one granted, another named', named('b'), ['a'], 'resource-forbidden'],
    ['one granted, named with a blank', named('a '), ['a'], 'resource-forbidden'],
    ['several granted, none named', [], ['a', 'b'], 'resource-forbidden'],
    ['several granted, one named', named('b'), ['a', 'b'], { workspace: 'b', isAnother: false }],
    ['named twice', [...named('a'), ...named('a')], ['a'], 'ambiguous-request'],
    [
      'named in the spelling of WSGI too',
      [...named('a'), 'X_MLFLOW_WORKSPACE', 'b'],
      ['a'],
      { workspace: 'a', isAnother: true },
    ],
  ])('with %s', (_what, headers, granted, expected) => {
    expect(of(headers, granted)).toEqual(expected);
  });
});
