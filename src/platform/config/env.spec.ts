import { IsInt, IsNotEmpty, Max, Min } from 'class-validator';
import { ConfigError, Env, loadConfigs, variablesOf, type CrossChecked } from './env.js';

class Base {
  @Env('PORT', { kind: 'integer', about: 'port' })
  @IsInt()
  @Min(0)
  @Max(65535)
  port: number = 8001;
}

class Sample extends Base implements CrossChecked {
  @Env('SECRET', { about: 'a secret', secret: true })
  @IsNotEmpty()
  secret = '';

  @Env('FLAG', { kind: 'boolean', about: 'a flag' })
  flag = false;

  @Env('ITEMS', { kind: 'list', about: 'a list' })
  items: string[] = [];

  check(): string[] {
    return this.flag && this.items.length === 0 ? ['FLAG needs ITEMS'] : [];
  }
}

const problemsOf = (env: Record<string, string>): readonly string[] => {
  try {
    loadConfigs(env, [Sample]);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
};

describe('loadConfigs', () => {
  it('takes defaults, parses each kind and freezes the result', () => {
    const [config] = loadConfigs({ SECRET: 's', FLAG: 'true', ITEMS: 'a, b,', PORT: ' ' }, [Sample]);
    expect({ ...config }).toEqual({ port: 8001, secret: 's', flag: true, items: ['a', 'b'] });
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('names all problems at once, by variable', () => {
    const problems = problemsOf({ PORT: 'abc', FLAG: 'maybe' });
    expect(problems).toHaveLength(3);
    expect(problems.join('\n')).toMatch(
      /PORT must be a whole number[\s\S]*FLAG must be true or false[\s\S]*SECRET/,
    );
  });

  it('checks fields against each other also where others are wrong, unless these are among them', () => {
    expect(problemsOf({ PORT: 'abc', SECRET: 's', FLAG: 'true' })).toEqual([
      'PORT must be a whole number',
      'FLAG needs ITEMS',
    ]);
    expect(problemsOf({ SECRET: 's', FLAG: 'maybe' })).toEqual(['FLAG must be true or false']);
  });

  it('never shows a value', () => {
    expect(problemsOf({ PORT: '70000', SECRET: 's' }).join()).not.toContain('70000');
  });

  it.each([
    '"s"',
    "'s'",
    '`s`',
    '"a","b"',
    'a,"b"',
    '""',
    '"s" # a comment',
    's # a comment',
    '# a comment',
    's\t#x',
  ])('refuses what an env file left around a value, by name and without it: %s', (text) => {
    const problems = problemsOf({ SECRET: text });
    expect(problems).toEqual([
      expect.stringMatching(/^SECRET has (quotes around|a comment after) its value: /),
    ]);
  });

  it.each(['a"b"c', "it's", '"', 'a#b', '#a', 'a,b', '"a'])(
    'takes a value that has no leftovers: %s',
    (text) => expect(problemsOf({ SECRET: text })).toEqual([]),
  );

  it('checks fields against each other', () => {
    expect(problemsOf({ SECRET: 's', FLAG: 'on' })).toEqual(['FLAG needs ITEMS']);
  });

  it('lists inherited variables first', () => {
    expect(variablesOf(Sample).map((v) => v.name)).toEqual(['PORT', 'SECRET', 'FLAG', 'ITEMS']);
  });
});
