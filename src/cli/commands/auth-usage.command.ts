import { Option, type Command } from 'commander';
import {
  USAGE_GROUPINGS,
  USAGE_PERIODS,
  type KeyUsageResponse,
  type UsageGrouping,
  type UsagePeriod,
  type UsageQuery,
  type UsageSummaryResponse,
  type UsageSummaryRow,
} from '../../sdk/index.js';
import { usageError } from '../cli-error.js';
import type { CommandContext, CommandRunner, Handler } from '../command-context.js';
import { minuteOf } from '../io/key-text.js';
import { keyId, positiveInteger, timeOrAge } from '../io/option-values.js';
import { usageChart } from './auth-usage-chart.js';
import type { Column } from '../io/output.js';

interface UsageOptions {
  from?: string;
  to?: string;
  period?: UsagePeriod;
  chart?: boolean;
  by?: UsageGrouping;
  top?: number;
}

const EXAMPLES = `
Examples:
  hokusai auth usage
  hokusai auth usage 0d7e5f1c-2f3b-4f6e-9a55-0c8d1f0f5b11 --from 7d --period day
  hokusai auth usage --chart --from 7d --period day
  hokusai auth usage --chart --by key --top 20
  hokusai auth usage --from 2026-01-01 --to 2026-02-01 --json`;

const COLUMNS: readonly Column<UsageSummaryRow>[] = [
  { heading: 'PERIOD', text: (row) => minuteOf(row.period_start) },
  { heading: 'KEY ID', text: (row) => row.key_id },
  { heading: 'ENDPOINT', text: (row) => row.endpoint },
  { heading: 'REQUESTS', text: (row) => String(row.requests) },
  { heading: 'BROWSER', text: (row) => String(row.session_requests) },
  { heading: 'ERRORS', text: (row) => String(row.errors) },
  { heading: 'P50 MS', text: (row) => row.response_time_ms_p50.toFixed(0) },
  { heading: 'P95 MS', text: (row) => row.response_time_ms_p95.toFixed(0) },
  { heading: 'P99 MS', text: (row) => row.response_time_ms_p99.toFixed(0) },
  { heading: 'IN', text: (row) => bytesText(row.bytes_in) },
  { heading: 'OUT', text: (row) => bytesText(row.bytes_out) },
];

export function addUsage(auth: Command, runner: CommandRunner): void {
  auth
    .command('usage')
    .summary('who used what')
    .description(
      'Shows requests, errors and response times by period, key and endpoint, and how many came by browser; of one key also by whom.',
    )
    .argument('[key-id]', 'id of one key; without it all keys', keyId)
    .option('--from <time>', 'begin: a time, a date, or an age such as 24h', (text: string) =>
      timeOrAge(text),
    )
    .option('--to <time>', 'end: the same', (text: string) => timeOrAge(text))
    .addOption(
      new Option('--period <length>', 'length of a row; by the minute with --chart').choices(USAGE_PERIODS),
    )
    .option('--chart', 'show bars over time')
    .addOption(
      new Option('--by <what>', 'with --chart: the largest of these (default: status)').choices(
        USAGE_GROUPINGS,
      ),
    )
    .option('--top <number>', 'with --chart --by: at most this many (default: 10)', positiveInteger)
    .addHelpText('after', EXAMPLES)
    .action(runner.action(usage));
}

const usage: Handler<UsageOptions> = async (context, options, id) => {
  const { from, to, period, chart = false, by, top } = options;
  const query = {
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
  };
  if (chart)
    return usageChart(context, {
      ...query,
      ...(period !== undefined && { period }),
      ...(id !== undefined && { key_id: id }),
      ...(by !== undefined && { group_by: by }),
      ...(top !== undefined && { top }),
    });
  if (by !== undefined || top !== undefined || period === 'minute')
    throw usageError('--by, --top and --period minute are for a chart: add --chart');
  await showSummary(context, { ...query, ...(period !== undefined && { period }) }, id);
};

async function showSummary(
  context: CommandContext,
  query: UsageQuery,
  id: string | undefined,
): Promise<void> {
  const { output } = context;
  const client = context.adminClient();
  const report: UsageSummaryResponse | KeyUsageResponse =
    id === undefined ? await client.usageSummary(query) : await client.usage(id, query);
  if (output.json) return output.data(report);
  output.note(
    `${report.total_requests} requests${browserText(report)}, ${report.total_errors} errors, ` +
      `${minuteOf(report.from)} to ${minuteOf(report.to)} UTC`,
  );
  if (isOfOneKey(report)) {
    output.note(`Last used: ${report.last_used_at ?? 'never'}`);
    for (const { address, at } of report.last_used_by) output.note(`  from ${address} at ${at}`);
  }
  if (report.rows.length > 0) output.table(columnsFor(report), report.rows);
  if (report.summed_up) {
    const { rows, requests, errors } = report.summed_up;
    output.note(`Not shown: ${rows} smaller rows with ${requests} requests, ${errors} errors together`);
  }
}

/** Whether a browser was used; an earlier key service leaves the number out. */
function hasBrowser({ total_session_requests: count }: UsageSummaryResponse): boolean {
  return count > 0;
}

function browserText(report: UsageSummaryResponse): string {
  return hasBrowser(report) ? ` (${report.total_session_requests} by browser)` : '';
}

function columnsFor(report: UsageSummaryResponse): readonly Column<UsageSummaryRow>[] {
  return hasBrowser(report) ? COLUMNS : COLUMNS.filter(({ heading }) => heading !== 'BROWSER');
}

function isOfOneKey(report: UsageSummaryResponse | KeyUsageResponse): report is KeyUsageResponse {
  return 'last_used_by' in report;
}

/** Bytes in the unit that people read. */
export function bytesText(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const units = ['KiB', 'MiB', 'GiB', 'TiB'];
  const power = Math.min(units.length, Math.floor(Math.log2(bytes) / 10));
  return `${(bytes / 1024 ** power).toFixed(1)} ${units[power - 1]}`;
}
