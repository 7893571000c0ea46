import type { Grants } from '../../../contracts/access/grants.js';
import { covers } from './covers.js';
import { GrantSet } from './grant-set.js';

const set = (grants: Grants): GrantSet => new GrantSet(grants, { model: 'manage', prompt: 'manage' });
const models = (...names: [string, 'read' | 'write'][]): Grants => ({
  models: names.map(([name, level]) => ({ name, level })),
});

it.each<[string, Grants, Grants, boolean]>([
  ['the same', models(['a-*', 'read']), models(['a-*', 'read']), true],
  ['a higher level', models(['a-*', 'write']), models(['a-*', 'read']), true],
  ['a lower level', models(['a-*', 'read']), models(['a-*', 'write']), false],
  ['a wider pattern', models(['a-*', 'read']), models(['a-b*c', 'read'], ['a-', 'read']), true],
  ['a narrower pattern', models(['a-b*', 'read']), models(['a-*', 'read']), false],
  ['a pattern with another end', models(['a*c', 'read']), models(['a*', 'read']), false],
  ['more of everything', { ...models(['a', 'read']), workspaces: ['w'] }, models(['a', 'read']), true],
  ['a workspace less', {}, { workspaces: ['w'] }, false],
  [
    'an experiment by id',
    { experiments: [{ id: '1', level: 'write' }] },
    { experiments: [{ id: '1', level: 'read' }] },
    true,
  ],
  [
    'an id in place of a pattern',
    { experiments: [{ name: '*', level: 'write' }] },
    { experiments: [{ id: '1', level: 'read' }] },
    false,
  ],
  ['an endpoint less', { endpoints: [] }, { endpoints: [{ name: 'x', level: 'invoke' }] }, false],
])('grants with %s cover the former: %s', (_title, now, before, covered) => {
  expect(covers(set(now), set(before))).toBe(covered);
});

it('a scope that was lowered narrows what a grant opens', () => {
  const now = new GrantSet(models(['a', 'write']), { model: 'read', prompt: undefined });
  expect(covers(now, set(models(['a', 'write'])))).toBe(false);
});
