import { isBelow, readArtifactPath, tailFault } from './artifact-path.js';

const place = (experimentId: string, path: string, workspace?: string) => ({
  kind: 'experiment',
  experimentId,
  workspace,
  path,
});
const root = (workspace?: string) => ({ kind: 'root', workspace });

describe('the path of an artifact', () => {
  it.each([
    ['1', place('1', '1')],
    ['0/r/artifacts/x', place('0', '0/r/artifacts/x')],
    ['12/r/artifacts/', place('12', '12/r/artifacts')],
    ['1/r/artifacts/a b%c.txt', place('1', '1/r/artifacts/a b%c.txt')],
    // The name of a file, which MLflow decodes once more: it stays where it is.
    ['1/r/artifacts/a%20b', place('1', '1/r/artifacts/a%20b')],
    ['1/./x', place('1', '1/./x')],
    ['workspaces/team-a/1/r', place('1', 'workspaces/team-a/1/r', 'team-a')],
    ['', root()],
    ['workspaces/team-a', root('team-a')],
    ['workspaces/team-a/', root('team-a')],
    ['workspaces', { kind: 'elsewhere', path: 'workspaces' }],
    ['team-a/churn/1', { kind: 'elsewhere', path: 'team-a/churn/1' }],
    ['02/r', { kind: 'elsewhere', path: '02/r' }],
    ['+2/r', { kind: 'elsewhere', path: '+2/r' }],
    ['２/r', { kind: 'elsewhere', path: '２/r' }],
    ['workspaces/team-a/02', { kind: 'elsewhere', path: 'workspaces/team-a/02' }],
  ])('%j is %j', (path, expected) => {
    expect(readArtifactPath(path)).toEqual(expected);
  });

  it.each([
    // What MLflow would read as experiment 2 in the end (each was seen to).
    '%32/r',
    '%2532/r',
    '\t2/r',
    '2\t/r',
    '\n2/r',
    '%0a2/r',
    ' 2/r',
    './2/r',
    '%2e/2/r',
    '/2/r',
    '//2/r',
    '/',
    'file:2/r',
    'http:2/r',
    '2;',
    '2?',
    '2#/r',
    '2%23/r',
    '2%2523/r',
    '1\\..\\2',
    '1%5c..%5c2',
    // What climbs out of an experiment that it names.
    '1/../2/r',
    '1/%2e%2e/2/r',
    '1/%252e%252e/2/r',
    '1/..',
    '1/.%09./2',
    '1/r/..%2f..%2f2',
    'workspaces/%74eam-a/2',
    'workspaces//2',
    'workspaces/./2',
    'workspaces/team-a/%32',
    'team-a/%63hurn',
    'team-a//churn',
    'team-a/./churn',
    'team-a/churn ',
    `1/${'%25'.repeat(1)}${'25'.repeat(12)}2e`,
  ])('%j is refused', (path) => {
    expect(readArtifactPath(path)).toEqual({ fault: expect.any(String) as string });
  });

  it('is refused for what stays inside nothing, also where an id beside it decides', () => {
    expect(tailFault('model/MLmodel')).toBeUndefined();
    expect(tailFault('')).toBeUndefined();
    expect(tailFault('a%20b/./c//d')).toBeUndefined();
    for (const path of ['../x', 'a/%2e%2e/b', 'a\\b', 'a#', 'a\u0000', 'a/..'])
      expect(tailFault(path)).toEqual(expect.any(String));
  });

  it('is below a location only by whole segments', () => {
    expect(isBelow('1/models/m-1', '1/models/m-1')).toBe(true);
    expect(isBelow('1/models/m-1/artifacts', '1/models/m-1')).toBe(true);
    expect(isBelow('1/models/m-12', '1/models/m-1')).toBe(false);
    expect(isBelow('1', '1/models')).toBe(false);
  });
});
