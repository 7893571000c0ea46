import { leakReport } from './leak-watch.ts';

/** A sample a second; memory as a function of the second. */
const samples = (seconds: number, mb: (second: number) => number) =>
  Array.from({ length: seconds }, (_, second) => ({
    atMs: second * 1000,
    mb: mb(second),
    open: 30,
    sockets: 20,
  }));

describe('the watch over memory', () => {
  it('sees a leak of 6 MB a minute', () => {
    expect(leakReport(samples(600, (second) => 100 + second / 10)).slopeMbPerMinute).toBeCloseTo(6);
  });

  it('takes waiting garbage for no leak', () => {
    const { slopeMbPerMinute, peakMb } = leakReport(samples(600, (second) => 100 + (second % 10) * 8));
    expect(slopeMbPerMinute).toBeCloseTo(0);
    expect(peakMb).toBe(172);
  });

  it('forgives the growth of the first half, when pools and caches fill', () => {
    expect(leakReport(samples(600, (second) => 100 + Math.min(second, 290))).slopeMbPerMinute).toBeCloseTo(0);
  });
});
