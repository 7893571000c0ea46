import { execFileSync } from 'node:child_process';
import { shellOption, shellWord } from './shell-words.js';

it.each(['team-a/x', 'team a', "it's", '*', '$HOME', '`id`', '"', '\\', '!x', 'a;b', 'ä', '~', "''"])(
  'a shell reads %s as it was written',
  (text) => {
    const printed = execFileSync('sh', ['-c', `printf %s ${shellWord(text)}`], { encoding: 'utf8' });
    expect(printed).toBe(text);
  },
);

it('a value that begins with a dash is bound to its option', () => {
  expect([shellOption('--model', '-x:read'), shellOption('--model', 'x:read')]).toEqual([
    '--model=-x:read',
    '--model x:read',
  ]);
});
