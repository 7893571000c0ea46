import {
  USAGE_STATUSES,
  type UsageGrouping,
  type UsageSeries,
  type UsageSeriesQuery,
  type UsageSeriesResponse,
} from '../../sdk/index.js';
import type { CommandContext } from '../command-context.js';
import { bar, sparkline } from '../io/bars.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../io/durations.js';
import { minuteOf } from '../io/key-text.js';
import type { Column } from '../io/output.js';

const PERIOD_MS = { minute: MINUTE_MS, hour: HOUR_MS, day: DAY_MS } as const;

/** Usage over time as bars: by status one for each period, else one for each group. */
export async function usageChart(context: CommandContext, query: UsageSeriesQuery): Promise<void> {
  const { output } = context;
  const answer = await context.adminClient().usageSeries(query);
  if (output.json) return output.data(answer);
  const { totals } = answer;
  output.note(
    `${totals.requests} requests, ${totals.limited} limited, ${totals.client_error} other client errors, ` +
      `${totals.server_error} server errors, ${minuteOf(answer.from)} to ${minuteOf(answer.to)} UTC`,
  );
  if (!answer.complete)
    output.note('Records of an earlier release are still being added: sums may be too small.');
  if (answer.group_by === 'status') return output.table(periodColumns(answer), periodsOf(answer));
  output.table(groupColumns(answer), answer.series);
  if (answer.rest) output.note(`${answer.rest.groups} more with ${answer.rest.requests} requests`);
}

interface Period {
  start: string;
  requests: number;
  counts: Record<string, number>;
}

function periodsOf({ from, period, series }: UsageSeriesResponse): Period[] {
  return (series[0]?.points ?? []).map((_, index) => {
    const counts: Record<string, number> = Object.fromEntries(
      series.map(({ group, points }) => [group ?? '', points[index] ?? 0]),
    );
    return {
      start: new Date(Date.parse(from) + index * PERIOD_MS[period]).toISOString(),
      requests: Object.values(counts).reduce((sum, count) => sum + count, 0),
      counts,
    };
  });
}

function periodColumns(answer: UsageSeriesResponse): Column<Period>[] {
  const largest = Math.max(...periodsOf(answer).map(({ requests }) => requests));
  const [, ...refused] = USAGE_STATUSES;
  return [
    { heading: 'PERIOD', text: ({ start }) => minuteOf(start) },
    { heading: 'REQUESTS', text: ({ requests }) => String(requests) },
    ...refused.map((status) => ({
      heading: status.toUpperCase().replace('_', ' '),
      text: ({ counts }: Period) => String(counts[status] ?? 0),
    })),
    { heading: '', text: ({ requests }) => bar(requests, largest) },
  ];
}

const HEADINGS: Record<Exclude<UsageGrouping, 'status'>, string> = {
  key: 'KEY',
  endpoint: 'ENDPOINT',
  user: 'USER',
  service: 'SERVICE',
};

function groupColumns({ group_by, series }: UsageSeriesResponse): Column<UsageSeries>[] {
  const largest = Math.max(0, ...series.map(({ requests }) => requests));
  return [
    {
      heading: HEADINGS[group_by as keyof typeof HEADINGS],
      text: ({ group, name }) => (name === null ? (group ?? '-') : `${name} (${group})`),
    },
    { heading: 'REQUESTS', text: ({ requests }) => String(requests) },
    { heading: '', text: ({ requests }) => bar(requests, largest, 20) },
    { heading: 'OVER TIME', text: ({ points }) => sparkline(points) },
  ];
}
