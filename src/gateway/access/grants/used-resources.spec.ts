import { MAX_RESOURCES_A_RECORD } from '../../../contracts/access/used-resources.js';
import type { Finding } from './decide.js';
import type { GrantLevel, Owner } from './grant-set.js';
import { usedResources } from './used-resources.js';

function finding(level: GrantLevel, owners: readonly Owner[], more: Partial<Finding> = {}): Finding {
  const need = { named: { kind: 'run', id: 'r', at: 'query run_id' }, level } as const;
  return { need, owners, quantifier: 'all', how: 'named', grant: undefined, ...more };
}
const used = (findings: Finding[], workspace?: string): ReturnType<typeof usedResources> =>
  usedResources({ verdict: { findings, lacking: undefined }, workspace });

it('each resource is listed once, at the highest level', () => {
  const owner: Owner = { kind: 'experiment', id: '12', name: 'team-a/x' };
  const model: Owner = { kind: 'model', name: 'm' };
  expect(used([finding('read', [owner]), finding('write', [owner]), finding('read', [model])], 'w')).toEqual({
    resources: [
      { kind: 'workspace', name: 'w', level: 'read' },
      { kind: 'experiment', id: '12', name: 'team-a/x', level: 'write' },
      { kind: 'model', name: 'm', level: 'read' },
    ],
    more: 0,
  });
});

it('an experiment that is made has a name alone', () => {
  expect(used([finding('write', [{ kind: 'experiment', id: '', name: 'new' }])]).resources).toEqual([
    { kind: 'experiment', name: 'new', level: 'write' },
  ]);
});

it('if one of several owners is enough, the one whose grant allowed the request is listed', () => {
  const owners: Owner[] = ['1', '2', '3'].map((id) => ({ kind: 'experiment', id, name: `e${id}` }));
  const opened = (by: 'id' | 'name', value: string): unknown =>
    used([
      finding('read', owners, {
        quantifier: 'any',
        grant: { kind: 'experiment', by, value, level: 'read' },
      }),
    ]).resources.map(({ id }) => id);
  expect([opened('id', '2'), opened('name', 'e3')]).toEqual([['2'], ['3']]);
});

it('what is too much, and what no grant can name, is counted', () => {
  const many = Array.from({ length: 40 }, (_, n) => finding('read', [{ kind: 'model', name: `m${n}` }]));
  const { resources, more } = used([finding('read', [{ kind: 'model', name: 'a\nb' }]), ...many]);
  expect([resources.length, more]).toEqual([MAX_RESOURCES_A_RECORD, 41 - MAX_RESOURCES_A_RECORD]);
});

it('a request that names nothing used nothing', () => {
  expect(usedResources(undefined)).toEqual({ resources: [], more: 0 });
});
