import { fail, pass, skip, warn, type Check, type Finding } from './check.js';
import { exitCodeOf, runChecks, runChecksAtOnce } from './check-runner.js';
import { FAULTS } from './faults.js';
import { ProbeError } from './http-probe.js';

function check(name: string, finding: Finding | Error, needs: string[] = []): Check<string[]> {
  return {
    name,
    title: name.toUpperCase(),
    needs,
    run(ran) {
      ran.push(name);
      return finding instanceof Error ? Promise.reject(finding) : Promise.resolve(finding);
    },
  };
}

const good = pass('seen', 'expected');
const bad = fail('redis-down', 'seen', 'expected', 'todo');

describe('runChecks', () => {
  it('runs every check in its order and tells of each as it ends', async () => {
    const ran: string[] = [];
    const told: string[] = [];
    const checks = [check('a', good), check('b', bad), check('c', good)];
    const results = await runChecks(checks, ran, { onResult: ({ name }) => told.push(name) });
    expect([ran, told]).toEqual([
      ['a', 'b', 'c'],
      ['a', 'b', 'c'],
    ]);
    expect(results.map(({ status }) => status)).toEqual(['pass', 'fail', 'pass']);
  });

  it.each([bad, skip('why', 'expected')])(
    'does not run a check whose need did not succeed',
    async (finding) => {
      const ran: string[] = [];
      const results = await runChecks([check('a', finding), check('b', good, ['a'])], ran);
      expect(ran).toEqual(['a']);
      expect(results[1]).toMatchObject({ status: 'skip', seen: 'not tried, because "A" did not succeed' });
    },
  );

  it('goes on after a warning', async () => {
    const ran: string[] = [];
    await runChecks([check('a', warn('seen', 'expected', 'todo')), check('b', good, ['a'])], ran);
    expect(ran).toEqual(['a', 'b']);
  });

  it('turns what a check did not expect into a failure, never into a success or an end of the run', async () => {
    const results = await runChecks(
      [
        check('a', new Error('surprise')),
        check('b', new ProbeError('timeout', 'h did not answer')),
        check('c', good),
      ],
      [],
    );
    expect(results.map(({ status, fault }) => [status, fault])).toEqual([
      ['fail', 'check-broken'],
      ['fail', 'check-broken'],
      ['pass', undefined],
    ]);
    expect(results[1]?.seen).toBe('h did not answer');
  });
});

describe('runChecksAtOnce', () => {
  it('gives results in the order of the checks, whichever ends first', async () => {
    const slow: Check<string[]> = {
      ...check('slow', good),
      run: () => new Promise((resolve) => setImmediate(() => resolve(good))),
    };
    const results = await runChecksAtOnce([slow, check('fast', bad)], []);
    expect(results.map(({ name }) => name)).toEqual(['slow', 'fast']);
  });
});

describe('the exit code', () => {
  const result = (finding: Finding) => ({ ...finding, name: 'n', title: 't', durationMs: 1 });

  it('is 0 where nothing failed, even with warnings and skipped checks', () => {
    expect(exitCodeOf([good, warn('s', 'e', 't', 'clock-skew'), skip('s', 'e')].map(result))).toBe(0);
    expect(exitCodeOf([])).toBe(0);
  });

  it('is that of the first fault, which is nearest to the cause', () => {
    const second = fail('key-refused', 's', 'e', 't');
    expect(exitCodeOf([good, bad, second].map(result))).toBe(FAULTS['redis-down']);
    expect(exitCodeOf([second, bad].map(result))).toBe(FAULTS['key-refused']);
  });
});
