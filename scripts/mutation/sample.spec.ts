import { allMutants, sampleOf } from './sample.js';

describe('a sample of mutants', () => {
  it('is the same for the same seed, another for another, and holds none twice', () => {
    const all = Array.from({ length: 100 }, (_, index) => index);
    const sample = sampleOf(all, 20, 1);
    expect(sampleOf(all, 20, 1)).toEqual(sample);
    expect(sampleOf(all, 20, 2)).not.toEqual(sample);
    expect(new Set(sample).size).toBe(20);
    expect(sampleOf(all, 200, 1).sort((a, b) => a - b)).toEqual(all);
  });

  it('is drawn from the sources of all four parts, and from no test', () => {
    const files = [...new Set(allMutants(process.cwd()).map(({ file }) => file))];
    expect(new Set(files.map((file) => file.split('/')[1]))).toEqual(
      new Set(['gateway', 'key-service', 'lib', 'platform']),
    );
    expect(files.filter((file) => file.includes('.spec.'))).toEqual([]);
  });
});
