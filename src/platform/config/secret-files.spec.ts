import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IsNotEmpty } from 'class-validator';
import { ConfigError, Env, loadConfigs } from './env.js';

class Sample {
  @Env('PEPPER', { about: 'a secret', secret: true })
  @IsNotEmpty({ message: '$property is required' })
  pepper = '';

  @Env('TOKENS', { about: 'secrets', kind: 'list', secret: true })
  tokens: string[] = [];

  @Env('ADDRESS', { about: 'no secret' })
  address = 'here';
}

describe('secrets in files', () => {
  let dir: string;
  const file = (content: string, name = 'secret'): string => {
    const path = join(dir, name);
    writeFileSync(path, content);
    return path;
  };
  const load = (env: Record<string, string>): Sample => loadConfigs(env, [Sample])[0] as Sample;
  const problemsOf = (env: Record<string, string>): readonly string[] => {
    try {
      load(env);
    } catch (error) {
      return (error as ConfigError).problems;
    }
    return [];
  };

  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'secret-files-'))));
  afterEach(() => rmSync(dir, { recursive: true }));

  it.each(['a secret of one line', 'a secret of one line\n', '  a secret of one line\r\n'])(
    'the line in the file is the value, without the break at its end: %j',
    (content) => expect(load({ PEPPER_FILE: file(content) }).pepper).toBe('a secret of one line'),
  );

  it('a file of a list has its items separated by commas', () => {
    expect(load({ PEPPER: 'p', TOKENS_FILE: file('new,old\n') }).tokens).toEqual(['new', 'old']);
  });

  it('a link to a file is followed, as Kubernetes mounts secrets by them', () => {
    symlinkSync(file('value'), join(dir, 'link'));
    expect(load({ PEPPER_FILE: join(dir, 'link') }).pepper).toBe('value');
  });

  it('an empty PEPPER or PEPPER_FILE is one that is not set', () => {
    expect(load({ PEPPER: ' ', PEPPER_FILE: file('value') }).pepper).toBe('value');
    expect(load({ PEPPER: 'value', PEPPER_FILE: '' }).pepper).toBe('value');
  });

  it('variable and file together are refused: one of them would be ignored', () => {
    expect(problemsOf({ PEPPER: 'one', PEPPER_FILE: file('two') })).toEqual([
      'PEPPER and PEPPER_FILE are both set: leave one of them out',
    ]);
  });

  it('a file that is not there is named once, by its variable and without its path', () => {
    const problems = problemsOf({ PEPPER_FILE: join(dir, 'nowhere') });
    expect(problems).toEqual(['PEPPER_FILE names a file that cannot be read (ENOENT)']);
  });

  it.each(['', '\n', 'one\ntwo', 'x'.repeat(64 * 1024 + 1)])(
    'a file that cannot be a secret is refused',
    (content) =>
      expect(problemsOf({ PEPPER_FILE: file(content) })).toEqual([
        'PEPPER_FILE must name a file with one line that is only the value',
      ]),
  );

  it('a folder and a device are refused, and nobody waits for them', () => {
    for (const path of [dir, '/dev/zero'])
      expect(problemsOf({ PEPPER_FILE: path })).toEqual(['PEPPER_FILE must name a file']);
  });

  it('quotes and comments in the file are refused as in a variable, and never shown', () => {
    expect(problemsOf({ PEPPER_FILE: file('"hush"') })).toEqual([
      expect.stringMatching(/^PEPPER has quotes around its value(?!.*hush)/),
    ]);
  });

  it('a variable that is not a secret cannot be read from a file', () => {
    expect(load({ PEPPER: 'p', ADDRESS_FILE: file('there') }).address).toBe('here');
  });
});
