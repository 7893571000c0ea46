import type { Grants } from '../../../contracts/access/grants.js';
import { entriesOf, GRANT_KINDS, linesOf } from './grants-text.js';

const read = (grants: Grants): unknown =>
  Object.fromEntries(
    GRANT_KINDS.map((kind) => [
      kind,
      entriesOf(kind, linesOf(kind, grants).join('\r\n'), ({ message }) => {
        throw new Error(message);
      }),
    ]),
  );

const GRANTS: Grants = {
  experiments: [
    { id: '12', level: 'write' },
    { name: '12', level: 'read' },
    { name: 'name 12', level: 'read' },
    { name: 'name 12 of mine', level: 'read' },
    { name: 'team-a/*', level: 'manage' },
    { name: 'a:write', level: 'read' },
  ],
  models: [{ name: '7', level: 'read' }],
  prompts: [{ name: '*', level: 'write' }],
  endpoints: [{ name: 'gpt:4*', level: 'invoke' }],
  workspaces: ['team-a', 'name 7'],
};

it('grants come back from their lines as they were, with names of digits and colons too', () => {
  expect(read(GRANTS)).toEqual(GRANTS);
});

it('lines are those of the command line, in any spelling of line ends', () => {
  const none = (): void => {
    throw new Error('not expected');
  };
  expect(entriesOf('experiments', ' 12:write \r\n\n team/*:read', none)).toEqual([
    { id: '12', level: 'write' },
    { name: 'team/*', level: 'read' },
  ]);
  expect(entriesOf('endpoints', 'gpt-*:invoke\ngpt-4', none)).toEqual([
    { name: 'gpt-*', level: 'invoke' },
    { name: 'gpt-4', level: 'invoke' },
  ]);
});

it.each(['team-a', ':read', 'team-a:owner', 'team-a:'])('a line without its level is told: %s', (line) => {
  const problems: string[] = [];
  entriesOf('models', `a:read\n${line}`, ({ message }) => problems.push(message));
  expect(problems).toEqual(['must end in a level in line 2: :read, :write, :manage']);
});
