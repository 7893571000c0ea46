import { mutantsOf } from './mutants.js';
import { allMutants, sampleOf } from './sample.js';

const SOURCE = Array.from({ length: 100 }, (_, index) => `x = a${index} < b;`).join('\n');

describe('a sample of mutants', () => {
  it('is the same for the same seed, another for another, and holds none twice', () => {
    const all = mutantsOf('src/one.ts', SOURCE);
    const sample = sampleOf(all, 20, 1);
    expect(sampleOf(all, 20, 1)).toEqual(sample);
    expect(sampleOf(all, 20, 2)).not.toEqual(sample);
    expect(new Set(sample).size).toBe(20);
    expect(new Set(sampleOf(all, 200, 1))).toEqual(new Set(all));
  });

  it('still has the mutants of a line after other lines and files have changed', () => {
    const linesOf = (source: string): (string | undefined)[] =>
      sampleOf([...mutantsOf('src/another.ts', ''), ...mutantsOf('src/one.ts', source)], 20, 1).map(
        ({ lineText }) => lineText,
      );
    const before = linesOf(SOURCE);
    const [first] = before as [string];
    expect(linesOf(`first();\n${SOURCE}`).filter((line) => before.includes(line))).toHaveLength(20);
    expect(linesOf(SOURCE.replace(first, 'x = 0;'))).toEqual(expect.arrayContaining(before.slice(1)));
  });

  it('has as many mutants as asked for where lines are alike', () => {
    expect(sampleOf(mutantsOf('src/one.ts', 'a < b;\n'.repeat(9)), 9, 1)).toHaveLength(9);
  });

  it('is drawn from the sources of all four parts, and from no test', () => {
    const files = [...new Set(allMutants(process.cwd()).map(({ file }) => file))];
    expect(new Set(files.map((file) => file.split('/')[1]))).toEqual(
      new Set(['gateway', 'key-service', 'lib', 'platform']),
    );
    expect(files.filter((file) => file.includes('.spec.'))).toEqual([]);
  });
});
