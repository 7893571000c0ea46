import { mutantsOf, mutated } from './mutants.js';

const texts = (source: string): string[] =>
  mutantsOf('one.ts', source).map((mutant) => mutated(source, mutant));

describe('the mutants of a source', () => {
  it.each([
    ['a < b;', ['a <= b;']],
    ['a === b;', ['a !== b;']],
    ['a && b;', ['a || b;']],
    ['a - b;', ['a + b;']],
    ['a ?? b;', ['a;']],
    ['a ? b : c;', ['!(a) ? b : c;']],
    ['x = !a;', ['x = a;']],
    ['x = true;', ['x = false;']],
    ['x = 5;', ['x = (5 + 1);']],
    ['if (a) b = c;', ['if (false) b = c;', 'if (true) b = c;']],
    ['await a.close();', [';']],
  ])('of %s are %j', (source, expected) => {
    expect(texts(source)).toEqual(expected);
  });

  it('leave types, imports, decorators and sums of texts alone', () => {
    expect(texts(`import a from 'a'; @Max(5) class B { c?: 1 | true } 'd' + e;`)).toEqual([]);
  });

  it('know where they are', () => {
    expect(mutantsOf('one.ts', 'a;\nx = a > b;')).toEqual([
      { file: 'one.ts', start: 9, end: 10, line: 2, lineText: 'x = a > b;', before: '>', after: '>=' },
    ]);
  });
});
