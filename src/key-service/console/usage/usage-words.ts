import type { ConsoleChart } from '../../../contracts/admin/console-chart.js';
import type {
  UsageGrouping,
  UsageSeries,
  UsageSeriesResponse,
  UsageStatus,
} from '../../../contracts/usage/usage-series.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../lib/durations.js';

const PERIOD_MS = { minute: MINUTE_MS, hour: HOUR_MS, day: DAY_MS };

export const STATUS_WORDS: Readonly<Record<UsageStatus, string>> = {
  answered: 'Answered',
  client_error: 'Refused or not found (4xx)',
  limited: 'Over a limit (429)',
  server_error: 'Failed (5xx)',
};

export const GROUPING_WORDS: Readonly<Record<UsageGrouping, string>> = {
  status: 'Answer',
  key: 'Key',
  endpoint: 'Endpoint',
  user: 'Owner',
  service: 'Service',
};

export function groupName({ group, name }: UsageSeries, by: UsageGrouping): string {
  if (by === 'status') return STATUS_WORDS[group as UsageStatus];
  return name ?? group ?? 'no owner';
}

export function restName(groups: number): string {
  return groups === 1 ? '1 other' : `${groups.toLocaleString('en')} others`;
}

/** Usage as stacked bars: the largest group at the bottom, the sum of all unnamed groups on top. */
export function chartOf({ from, period, group_by: by, series, rest }: UsageSeriesResponse): ConsoleChart {
  return {
    fromMs: Date.parse(from),
    periodMs: PERIOD_MS[period],
    series: [
      ...series.map((one, index) => ({
        name: groupName(one, by),
        colour: by === 'status' ? (one.group as UsageStatus) : `c${index % 10}`,
        points: one.points,
      })),
      ...(rest === null ? [] : [{ name: restName(rest.groups), colour: 'rest', points: rest.points }]),
    ],
  };
}
