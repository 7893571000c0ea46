import { judgeSkew } from './network.checks.js';

describe('judgeSkew', () => {
  it.each([
    [0, 'pass', 'clock 0.0 s ahead'],
    [-2900, 'pass', 'clock 2.9 s behind'],
    [3100, 'warn', 'clock 3.1 s ahead'],
    [-30_000, 'warn', 'clock 30.0 s behind'],
    [30_001, 'fail', 'clock 30.0 s ahead'],
    [-3_600_000, 'fail', 'clock 3600.0 s behind'],
  ])('%d ms is a %s', (skewMs, status, seen) => {
    const finding = judgeSkew(skewMs, '200', 'expected');
    expect(finding.status).toBe(status);
    expect(finding.seen).toBe(`200, ${seen}`);
  });
});
