import { globPrefix, matchesGlob } from './name-glob.js';

describe('patterns of names', () => {
  it.each([
    ['team-a/*', 'team-a/x', true],
    ['team-a/*', 'team-a/', true],
    ['team-a/*', 'team-a/x/y', true],
    ['team-a/*', 'team-a', false],
    ['team-a/*', 'TEAM-A/x', false],
    ['team-a/*', 'xteam-a/x', false],
    ['*', '', true],
    ['*', 'anything/at all', true],
    ['**', 'x', true],
    ['a*b*c', 'abc', true],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'acb', false],
    ['ab*ba', 'aba', false],
    ['*a', 'ba', true],
    ['*a', 'ab', false],
    ['exact', 'exact', true],
    ['exact', 'exactly', false],
    ['a.c', 'abc', false],
    ['[ab]', 'a', false],
    ['a?', 'ab', false],
    ['a\\*', 'a\\b', true],
    ['%', 'x', false],
  ])('%s and %j: %s', (pattern, name, expected) => {
    expect(matchesGlob(pattern, name)).toBe(expected);
  });

  it('takes no time that grows with the number of stars', () => {
    const before = process.cpuUsage();
    expect(matchesGlob(`${'*a'.repeat(120)}*b`, 'a'.repeat(250))).toBe(false);
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(100);
  });

  it('knows what all names that fit begin with', () => {
    expect(globPrefix('team-a/*')).toBe('team-a/');
    expect(globPrefix('*')).toBe('');
    expect(globPrefix('exact')).toBe('exact');
  });
});
