import { fail, skip, type Check, type CheckResult, type Finding } from './check.js';
import { FAULTS } from './faults.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { ProbeError } from './http-probe.js';

export interface RunOptions {
  /** Told of each check as it begins and as it ends, for progress. */
  onStart?: (title: string, position: number, total: number) => void;
  onResult?: (result: CheckResult) => void;
}

/** Runs checks one after the other. A check is skipped, with the reason, if a check that it needs did not pass. */
export async function runChecks<Context>(
  checks: readonly Check<Context>[],
  context: Context,
  options: RunOptions = {},
): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const [index, check] of checks.entries()) {
    options.onStart?.(check.title, index + 1, checks.length);
    const result = await runCheck(check, context, results);
    results.push(result);
    options.onResult?.(result);
  }
  return results;
}

/** Runs checks that do not depend on each other, all at once; results come in the order of the checks. */
export async function runChecksAtOnce<Context>(
  checks: readonly Check<Context>[],
  context: Context,
  options: RunOptions = {},
): Promise<CheckResult[]> {
  options.onStart?.(`${checks.length} checks`, 0, checks.length);
  const results = await Promise.all(checks.map((check) => runCheck(check, context, [])));
  for (const result of results) options.onResult?.(result);
  return results;
}

/** The exit code of the first failure, which is the nearest to the cause; 0 where nothing failed. */
export function exitCodeOf(results: readonly CheckResult[]): ExitCode {
  const first = results.find((result) => result.status === 'fail');
  if (!first) return EXIT.ok;
  return first.fault ? FAULTS[first.fault] : EXIT.failure;
}

async function runCheck<Context>(
  check: Check<Context>,
  context: Context,
  before: readonly CheckResult[],
): Promise<CheckResult> {
  const startedMs = performance.now();
  const missing = before.find(
    ({ name, status }) => (check.needs ?? []).includes(name) && (status === 'fail' || status === 'skip'),
  );
  const finding = missing
    ? skip(`not tried, because "${missing.title}" did not succeed`, 'that one succeeds first')
    : await check.run(context).catch(broken);
  const durationMs = Math.round(performance.now() - startedMs);
  return { name: check.name, title: check.title, ...finding, durationMs };
}

/** Checks handle the faults that they expect. An unexpected error is shown and counts as a failure. */
function broken(error: unknown): Finding {
  const seen = error instanceof ProbeError ? error.message : `the check itself failed: ${String(error)}`;
  return fail('check-broken', seen, 'an answer', 'Try again; if it keeps happening, report this message.');
}
