import type { Command } from 'commander';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { SHADOW_EVENT, type ShadowLine } from '../../sdk/index.js';
import { usageError } from '../cli-error.js';
import type { CommandRunner, Handler } from '../command-context.js';
import type { CliIo } from '../io/cli-io.js';
import { minuteOf } from '../io/key-text.js';
import type { Column } from '../io/output.js';

/** Requests that enforcing would have refused, for one key, rule and call. */
interface Row {
  readonly key_id: string | null;
  readonly rule: string;
  readonly endpoint: string;
  requests: number;
  first: string;
  last: string;
  /** Of the last one. */
  problem: string;
  message: string;
}

const EXAMPLES = `
Examples:
  hokusai auth shadow-report gateway.log
  cat gateway-*.log | hokusai auth shadow-report
  docker compose logs --no-log-prefix gateway | hokusai auth shadow-report --json`;

/** Most rows of the report: far more than a person would read. */
const MAX_ROWS = 10_000;

const COLUMNS: readonly Column<Row>[] = [
  { heading: 'KEY ID', text: (row) => row.key_id ?? '-' },
  { heading: 'RULE', text: (row) => row.rule },
  { heading: 'CALL', text: (row) => row.endpoint },
  { heading: 'REQUESTS', text: (row) => String(row.requests) },
  { heading: 'LAST', text: (row) => minuteOf(row.last) },
  { heading: 'BECAUSE', text: (row) => row.message },
];

export function addShadowReport(auth: Command, runner: CommandRunner): void {
  auth
    .command('shadow-report')
    .summary('what rules in shadow mode would have refused')
    .description(
      "Sums up by key, rule and call what enforcing would have refused, from the gateway's log: files, or standard input.",
    )
    .argument('[file...]', 'files of the log; without any, standard input')
    .addHelpText('after', EXAMPLES)
    .action(runner.action(shadowReport));
}

const shadowReport: Handler<object> = async ({ io, output }, _options, ...files) => {
  const rows = new Map<string, Row>();
  let more = 0;
  for await (const line of linesOf(io, files)) {
    const said = shadowLine(line);
    if (said === undefined) continue;
    const name = `${said.key_id}\n${said.rule}\n${said.endpoint}`;
    const row = rows.get(name);
    if (row) add(row, said);
    else if (rows.size < MAX_ROWS) rows.set(name, rowOf(said));
    else more += 1;
  }
  const sorted = [...rows.values()].sort((a, b) => b.requests - a.requests);
  if (output.json) return output.data({ rows: sorted, further_requests: more });
  if (sorted.length === 0) return output.line('Nothing would have been refused.');
  output.table(COLUMNS, sorted);
  if (more > 0) output.note(`Not shown: ${more} requests of further keys and calls`);
};

async function* linesOf(io: CliIo, files: readonly string[]): AsyncGenerator<string> {
  if (files.length === 0) {
    yield* createInterface({ input: io.stdin });
    return;
  }
  for (const file of files)
    try {
      yield* createInterface({ input: createReadStream(file) });
    } catch {
      throw usageError(`The file ${file} cannot be read`, 'Check its name and its permissions.');
    }
}

/** Undefined for every other line of a log, and for anything else. */
function shadowLine(line: string): ShadowLine | undefined {
  if (!line.includes(SHADOW_EVENT)) return undefined;
  try {
    const said = JSON.parse(line.slice(line.indexOf('{'))) as ShadowLine;
    const { event, rule, endpoint, time, message, problem } = said;
    const isWhole = [rule, endpoint, time, message, problem].every((value) => typeof value === 'string');
    return event === SHADOW_EVENT && isWhole ? said : undefined;
  } catch {
    return undefined;
  }
}

function rowOf({ key_id, rule, endpoint, time, problem, message }: ShadowLine): Row {
  return { key_id, rule, endpoint, requests: 1, first: time, last: time, problem, message };
}

/** Lines of several replicas come in any order. */
function add(row: Row, { time, problem, message }: ShadowLine): void {
  row.requests += 1;
  if (time < row.first) row.first = time;
  if (time < row.last) return;
  Object.assign(row, { last: time, problem, message });
}
