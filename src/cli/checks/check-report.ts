import type { CliIo } from '../io/cli-io.js';
import type { Output } from '../io/output.js';
import { redactKeys } from '../../sdk/index.js';
import type { CheckResult, CheckStatus } from './check.js';
import { exitCodeOf } from './check-runner.js';

const WORDS = { pass: 'ok  ', warn: 'warn', fail: 'FAIL', skip: 'skip' } as const satisfies Record<
  CheckStatus,
  string
>;
const STYLES = { pass: 'green', warn: 'yellow', fail: 'red', skip: 'dim' } as const satisfies Record<
  CheckStatus,
  Parameters<Output['style']>[0]
>;
const CLEAR_LINE = '\r\u001b[2K';

/** Writes each result when it is there: plain lines, and on a terminal also the name of the check that is running. */
export class CheckReport {
  private readonly results: CheckResult[] = [];
  private readonly live: boolean;

  constructor(
    private readonly io: Pick<CliIo, 'stderr' | 'env'>,
    private readonly output: Output,
    /** Also shows what was expected for checks that pass. */
    private readonly verbose = false,
  ) {
    this.live = io.stderr.isTTY === true && !output.json && !io.env['CI'];
  }

  readonly onStart = (title: string, position: number, total: number): void => {
    if (!this.live) return;
    const place = position > 0 ? `${position}/${total} ` : '';
    this.io.stderr.write(`${CLEAR_LINE}… ${place}${title}`);
  };

  readonly onResult = (result: CheckResult): void => {
    this.results.push(result);
    if (this.live) this.io.stderr.write(CLEAR_LINE);
    if (!this.output.json) for (const [text, mark] of this.linesOf(result)) this.output.line(text, mark);
  };

  /** Ends the report; the counts for a person, everything as JSON for a program. */
  finish(target: Record<string, string>): void {
    if (this.live) this.io.stderr.write(CLEAR_LINE);
    const exitCode = exitCodeOf(this.results);
    if (this.output.json) {
      const checks = this.results.map(({ durationMs, ...rest }) => ({ ...rest, duration_ms: durationMs }));
      this.output.data(redactAll({ ok: exitCode === 0, exit_code: exitCode, ...target, checks }));
      return;
    }
    const count = (status: CheckStatus): number => this.results.filter((r) => r.status === status).length;
    const faults = [...new Set(this.results.filter((r) => r.status === 'fail').map((r) => r.fault))];
    this.output.line('');
    this.output.line(
      `${count('pass')} passed, ${count('warn')} warnings, ${count('fail')} failed, ${count('skip')} skipped` +
        (faults.length > 0 ? `. Look at this first: ${faults[0]}` : ''),
    );
  }

  private linesOf(result: CheckResult): [text: string, mark: string][] {
    const { status, title, seen, expected, todo, fault, durationMs } = result;
    const mark = this.output.style(STYLES[status], WORDS[status], 'stdout');
    const name = fault ? ` [${fault}]` : '';
    if ((status === 'pass' || status === 'skip') && !this.verbose)
      return [[`  ${title}: ${redactKeys(seen)}`, mark]];
    const lines: [string, string][] = [[`  ${title}${name} (${durationMs} ms)`, mark]];
    lines.push(
      [`        seen:     ${redactKeys(seen)}`, ''],
      [`        expected: ${redactKeys(expected)}`, ''],
    );
    if (todo !== undefined) lines.push([`        to do:    ${redactKeys(todo)}`, '']);
    return lines;
  }
}

function redactAll(value: unknown): unknown {
  return JSON.parse(redactKeys(JSON.stringify(value)));
}
