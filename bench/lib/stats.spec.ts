import { median, quantile, slope, spread } from './stats.ts';

describe('the arithmetic of the bench', () => {
  it('takes the middle of an odd and the mean of the two middles of an even number of rounds', () => {
    expect(median([30, 10, 20])).toBe(20);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([])).toBeNaN();
  });

  it('gives quantiles by nearest rank', () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect(quantile(values, 0.5)).toBe(50);
    expect(quantile(values, 0.99)).toBe(99);
    expect(quantile(values, 1)).toBe(100);
    expect(quantile([7], 0.01)).toBe(7);
  });

  it('says how far apart rounds lay', () => {
    expect(spread([90, 100, 110])).toBeCloseTo(0.2);
  });

  it('finds the slope of memory over time', () => {
    expect(
      slope([
        [0, 10],
        [1, 12],
        [2, 14],
      ]),
    ).toBeCloseTo(2);
    expect(
      slope([
        [0, 5],
        [1, 5],
        [2, 5],
      ]),
    ).toBe(0);
    expect(slope([[1, 1]])).toBe(0);
  });
});
