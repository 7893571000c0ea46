import { broken, figuresOf, type Figures, type Sample } from './phases.ts';

const times = (...ms: number[]): Sample[] => ms.map((tookMs) => ({ tookMs }));
const calm: Figures = { done: 100, perSecond: 50, p50Ms: 5, p99Ms: 9, faults: 0 };
const promised = { leastRate: 0.2, mostP99Ms: 1000 };

describe('the figures of a phase', () => {
  it('are of what went well, and count what did not', () => {
    const samples = [...times(10, 20, 30, 40), { tookMs: 5000, fault: '503' }];
    expect(figuresOf(samples, 2000)).toEqual({ done: 5, perSecond: 2, p50Ms: 20, p99Ms: 40, faults: 1 });
  });

  it('are none where nothing was done', () => {
    expect(figuresOf([], 0)).toEqual({ done: 0, perSecond: 0, p50Ms: NaN, p99Ms: NaN, faults: 0 });
  });
});

describe('a promise', () => {
  it('holds while the victim is served as promised', () => {
    const during = { ...calm, perSecond: 10, p99Ms: 1000 };
    expect(broken({ before: calm, during, after: calm }, promised)).toEqual([]);
  });

  it.each<[string, 'before' | 'during' | 'after', Partial<Figures>, string]>([
    ['one answer is wrong', 'during', { faults: 1 }, 'during: 1 of 100 went wrong'],
    ['the attack is felt afterwards', 'after', { faults: 2 }, 'after: 2 of 100 went wrong'],
    ['nothing was measured', 'before', { done: 0 }, 'before: the victim did nothing'],
    ['it waits too long', 'during', { p99Ms: 1001 }, 'during: p99 is 1001 ms, at most 1000 are promised'],
    [
      'it is hardly served',
      'during',
      { perSecond: 9 },
      'during: 18 % of the rate is left, 20 % are promised',
    ],
  ])('is broken where %s', (_what, phase, change, problem) => {
    const figures = { before: calm, during: calm, after: calm, [phase]: { ...calm, ...change } };
    expect(broken(figures, promised)).toEqual([problem]);
  });
});
