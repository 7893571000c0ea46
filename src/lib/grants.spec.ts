import { grantsFault, readGrants } from './grants.js';

const WHOLE = {
  experiments: [
    { id: '12', level: 'write' },
    { name: 'team-a/*', level: 'manage' },
  ],
  models: [{ name: 'team-a-*', level: 'write' }],
  prompts: [{ name: '*', level: 'read' }],
  endpoints: [{ name: 'gpt-*', level: 'invoke' }],
  workspaces: ['team-a'],
};

describe('grants', () => {
  it.each([[WHOLE], [{}], [{ models: [] }], [{ workspaces: ['a'] }]])('%j are whole', (grants) => {
    expect(readGrants(grants)).toEqual(grants);
  });

  it.each([
    [null, ''],
    [[], ''],
    ['*', ''],
    [{ experiment: [] }, 'experiment'],
    [JSON.parse('{"__proto__":[]}'), '__proto__'],
    [{ experiments: {} }, 'experiments'],
    [{ experiments: null }, 'experiments'],
    [{ experiments: ['12'] }, 'experiments[0]'],
    [
      {
        experiments: [
          { id: '12', level: 'write' },
          { id: 12, level: 'read' },
        ],
      },
      'experiments[1]',
    ],
    [{ experiments: [{ id: '02', level: 'read' }] }, 'experiments[0]'],
    [{ experiments: [{ id: '1', name: 'a', level: 'read' }] }, 'experiments[0]'],
    [{ experiments: [{ id: '1' }] }, 'experiments[0]'],
    [{ experiments: [{ id: '1', level: 'invoke' }] }, 'experiments[0]'],
    [{ models: [{ id: '1', level: 'read' }] }, 'models[0]'],
    [{ models: [{ name: '', level: 'read' }] }, 'models[0]'],
    [{ models: [{ name: 'a\u0000', level: 'read' }] }, 'models[0]'],
    [{ models: [{ name: '\ud800', level: 'read' }] }, 'models[0]'],
    [{ models: [{ name: 'a'.repeat(257), level: 'read' }] }, 'models[0]'],
    [{ models: [{ name: 'a', level: 'READ' }] }, 'models[0]'],
    [{ models: [{ name: 'a', level: 'read', until: '2030' }] }, 'models[0]'],
    [{ endpoints: [{ name: 'a', level: 'read' }] }, 'endpoints[0]'],
    [{ workspaces: [{ name: 'a' }] }, 'workspaces[0]'],
    [{ models: Array(42).fill({ name: '実'.repeat(256), level: 'read' }) }, ''],
    [{ models: Array(200).fill(WHOLE.models[0]), prompts: Array(57).fill(WHOLE.prompts[0]) }, 'prompts'],
  ])('others are not (%#)', (grants, at) => {
    expect(grantsFault(grants)).toMatchObject({ at });
    expect(readGrants(grants)).toBeUndefined();
  });
});
