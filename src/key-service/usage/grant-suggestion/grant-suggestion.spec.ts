import { grantsFault } from '../../../lib/grants.js';
import { suggestGrants } from './grant-suggestion.js';
import type { UsedRow } from './used-resources.repository.js';

const AT = '2026-03-14T12:00:00.000Z';

function scope(resource_id: string, requests = 1): UsedRow {
  return { kind: 'scope', resource_id, name: '', level: '', requests, last_used_at: AT };
}

function experiment(resource_id: string, name: string, level: UsedRow['level'], last_used_at = AT): UsedRow {
  return { kind: 'experiment', resource_id, name, level, requests: 1, last_used_at };
}

function named(
  kind: 'model' | 'prompt' | 'endpoint' | 'workspace',
  name: string,
  level: UsedRow['level'],
): UsedRow {
  return { kind, resource_id: '', name, level, requests: 1, last_used_at: AT };
}

const suggest = (...rows: UsedRow[]): ReturnType<typeof suggestGrants> =>
  suggestGrants(
    rows,
    rows.filter(({ kind }) => kind === 'scope').reduce((sum, row) => sum + row.requests, 0),
  );

describe('scopes', () => {
  it('are of each family the highest level that was needed', () => {
    const { scopes } = suggest(
      scope('experiment:read', 5),
      scope('experiment:write', 2),
      scope('trace:manage'),
    );
    expect(scopes).toEqual(['experiment:write', 'trace:manage']);
  });

  it('of the registry are those of what the calls were about', () => {
    const rows = [scope('model:write'), scope('model:read')];
    expect(suggest(...rows, named('prompt', 'p', 'write')).scopes).toEqual(['prompt:write']);
    expect(suggest(...rows, named('model', 'm', 'write'), named('prompt', 'p', 'read')).scopes).toEqual([
      'model:write',
      'prompt:read',
    ]);
    expect(suggest(scope('model:read')).scopes).toEqual(['model:read']);
    expect(suggest(scope('model:write'), named('prompt', 'p', 'read')).scopes).toEqual(['prompt:write']);
  });

  it('of GraphQL are all three, of models called and of the operator one each', () => {
    expect(suggest(scope('experiment:read artifact:read model:read')).scopes).toEqual([
      'experiment:read',
      'artifact:read',
      'model:read',
    ]);
    expect(suggest(scope('gateway:invoke'), scope('admin')).scopes).toEqual(['gateway:invoke', 'admin']);
  });

  it('are one that opens nearly nothing for pages alone, and none for a key that did nothing', () => {
    expect(suggest(scope('any', 3)).scopes).toEqual(['experiment:read']);
    expect(suggest(scope('none', 3))).toMatchObject({ scopes: [], grants: null, reasons: [], gaps: [] });
  });
});

describe('grants', () => {
  it('are one per resource, at the highest level, with the id of an experiment', () => {
    const { grants, reasons } = suggest(
      scope('experiment:write'),
      experiment('12', 'old name', 'write', '2026-03-13T00:00:00.000Z'),
      experiment('12', 'team-a/x', 'read'),
      named('model', 'team-a-m', 'write'),
      named('model', 'team-a-m', 'read'),
      named('endpoint', 'gpt', 'invoke'),
      named('workspace', 'w', 'read'),
    );
    expect(grants).toEqual({
      experiments: [{ id: '12', level: 'write' }],
      models: [{ name: 'team-a-m', level: 'write' }],
      endpoints: [{ name: 'gpt', level: 'invoke' }],
      workspaces: ['w'],
    });
    expect(reasons.find(({ grant }) => grant?.kind === 'experiment')?.because).toBe(
      '2 requests used experiment 12 ("team-a/x"), and at most wrote to it.',
    );
  });

  it('are by name for an experiment that was made, because no id opens that', () => {
    const { grants } = suggest(experiment('', 'new', 'write'), experiment('13', 'new', 'read'));
    expect(grants).toEqual({ experiments: [{ name: 'new', level: 'write' }] });
  });

  it('are of a prompt alone whose name was looked for before it was made, and of both where one became the other', () => {
    const looked = suggest(scope('model:write'), named('model', 'p', 'read'), named('prompt', 'p', 'write'));
    expect([looked.scopes, looked.grants]).toEqual([
      ['prompt:write'],
      { prompts: [{ name: 'p', level: 'write' }] },
    ]);
    const turned = suggest(scope('model:write'), named('model', 'p', 'write'), named('prompt', 'p', 'write'));
    expect(Object.keys(turned.grants ?? {})).toEqual(['models', 'prompts']);
  });

  it('become one pattern where there are too many to name', () => {
    const many = Array.from({ length: 300 }, (_, n) =>
      experiment(String(n + 1), '', n === 7 ? 'write' : 'read'),
    );
    const { grants, gaps } = suggest(...many, named('model', 'm', 'read'));
    expect(grants).toEqual({
      experiments: [{ name: '*', level: 'write' }],
      models: [{ name: 'm', level: 'read' }],
    });
    expect(grantsFault(grants)).toBeUndefined();
    expect(gaps).toMatchObject([{ gap: 'too-many', requests: 300 }]);
  });

  it('are nothing at all for a key that was judged and named nothing', () => {
    expect(suggest(scope('experiment:read')).grants).toEqual({});
  });
});

describe('gaps', () => {
  const gaps = (rows: UsedRow[], requests: number): unknown[] =>
    suggestGrants(rows, requests).gaps.map(({ gap, requests: count }) => [gap, count]);
  const marked = (kind: 'unseen' | 'more', requests: number): UsedRow => ({
    ...scope('', requests),
    kind,
  });

  it('are named each with its number', () => {
    const rows = [scope('experiment:read', 10), scope('unknown', 2), marked('unseen', 4), marked('more', 3)];
    expect(gaps(rows, 20)).toEqual([
      ['not-recorded', 8],
      ['without-grants', 4],
      ['too-many', 3],
      ['unknown-calls', 2],
    ]);
    expect(gaps([scope('experiment:read', 10)], 10)).toEqual([]);
  });

  it('leave the grants open where nothing was seen', () => {
    expect(suggest(scope('experiment:read', 4), marked('unseen', 4)).grants).toBeNull();
  });
});
