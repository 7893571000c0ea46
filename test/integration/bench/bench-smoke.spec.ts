import { startProgram } from '../../support/programs/child-program.js';

interface PartReport {
  part: string;
  outcome: 'ran' | 'absent' | 'failed';
  lacks?: string[];
  error?: string;
}

/** Runs parts of the bench, of which nothing is timed. */
async function smoke(parts: readonly string[]): Promise<{ code: number | string; reports: PartReport[] }> {
  const bench = startProgram(process.execPath, ['bench/smoke.ts', '--quick', '--only', parts.join(',')]);
  const code = await bench.exited;
  const lines = bench
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{'));
  return { code, reports: lines.map((line) => JSON.parse(line) as PartReport) };
}

describe('the bench', () => {
  it('still starts the gateway, with and without spans, the plain proxy and the key service, and each answers rightly', async () => {
    const parts = ['gateway', 'gateway-traces', 'gateway-without-spans', 'plain-hpm', 'key-service-sqlite'];
    const { code, reports } = await smoke(parts);
    expect(reports).toEqual(parts.map((part) => ({ part, outcome: 'ran' })));
    expect(code).toBe(0);
  });

  it('still configures nginx, HAProxy and Caddy rightly, where they are installed', async () => {
    const { code, reports } = await smoke(['nginx', 'haproxy', 'caddy']);
    expect(reports.map(({ part }) => part)).toEqual(['nginx', 'haproxy', 'caddy']);
    // In CI nothing is absent.
    const accepted = process.env['CI'] ? ['ran'] : ['ran', 'absent'];
    expect(reports.filter(({ outcome }) => !accepted.includes(outcome))).toEqual([]);
    expect(code).toBe(0);
  });
});
