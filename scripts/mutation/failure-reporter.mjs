import { existsSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';

/** Writes into the file `FAILURE_REPORT` which test failed first. Jest's own report is not written where it stops at a failure. */
export default class FailureReporter {
  onTestResult(test, { testResults, testExecError, failureMessage, numFailingTests }) {
    const report = process.env.FAILURE_REPORT;
    if ((numFailingTests === 0 && !testExecError) || existsSync(report)) return;
    const failed = testResults.find(({ status }) => status === 'failed');
    const [firstLine] = (failureMessage ?? '').split('\n').filter((line) => line.trim() !== '');
    const title = failed?.fullName ?? firstLine?.trim() ?? 'could not run';
    writeFileSync(report, JSON.stringify({ spec: relative(process.cwd(), test.path), title }));
  }
}
