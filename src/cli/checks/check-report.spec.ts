import { Capture, cliIo } from '../../../test/support/programs/hokusai.js';
import { Output } from '../io/output.js';
import type { CheckResult, CheckStatus } from './check.js';
import { CheckReport } from './check-report.js';

const KEY = `hk_live_${'k'.repeat(49)}`;

function result(status: CheckStatus, more: Partial<CheckResult> = {}): CheckResult {
  return {
    name: 'a-check',
    title: 'A check',
    status,
    seen: 'this',
    expected: 'that',
    durationMs: 7,
    ...more,
  };
}

function report(results: CheckResult[], { json = false, verbose = false, tty = false, env = {} } = {}) {
  const [out, err] = [new Capture(), new Capture()];
  err.isTTY = tty;
  const io = cliIo({ env }, out, err);
  const made = new CheckReport(io, new Output(io, json), verbose);
  made.onStart('A check', 1, results.length);
  results.forEach(made.onResult);
  made.finish({ target: 'http://h' });
  return { out: out.text, err: err.text };
}

describe('for people', () => {
  it('a check that passes is one line with what was seen', () => {
    expect(report([result('pass')]).out).toMatch(/^ok {4}A check: this\n\n1 passed, 0 warnings/);
  });

  it('a check that fails has its fault, what was seen, what was expected and what to do', () => {
    const { out } = report([result('fail', { fault: 'redis-down', todo: 'Start Redis.' })]);
    expect(out).toBe(
      'FAIL  A check [redis-down] (7 ms)\n        seen:     this\n        expected: that\n' +
        '        to do:    Start Redis.\n\n0 passed, 0 warnings, 1 failed, 0 skipped. Look at this first: redis-down\n',
    );
  });

  it('--verbose says what was expected of the others, too', () => {
    expect(report([result('pass')], { verbose: true }).out).toContain('expected: that');
  });

  it('which check is under way is shown on a terminal alone, and not in CI', () => {
    expect(report([result('pass')], { tty: true }).err).toContain('… 1/1 A check');
    expect(report([result('pass')], { tty: true, env: { CI: 'true' } }).err).toBe('');
    expect(report([result('pass')]).err).toBe('');
  });
});

describe('for programs', () => {
  it('everything is one JSON document, with the exit code', () => {
    const { out } = report([result('pass'), result('fail', { fault: 'redis-down', todo: 'x' })], {
      json: true,
    });
    expect(JSON.parse(out)).toEqual({
      ok: false,
      exit_code: 5,
      target: 'http://h',
      checks: [
        { name: 'a-check', title: 'A check', status: 'pass', seen: 'this', expected: 'that', duration_ms: 7 },
        expect.objectContaining({ status: 'fail', fault: 'redis-down', todo: 'x' }),
      ],
    });
  });
});

it.each([true, false])('a key that a server repeats is not shown (json: %s)', (json) => {
  const { out, err } = report([result('fail', { fault: 'key-refused', seen: `"${KEY}"`, todo: KEY })], {
    json,
  });
  expect(out + err).not.toContain(KEY);
});
