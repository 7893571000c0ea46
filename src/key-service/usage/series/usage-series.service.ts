import { Injectable } from '@nestjs/common';
import {
  DEFAULT_USAGE_SERIES,
  USAGE_STATUSES,
  type UsageSeries,
  type UsageSeriesResponse,
  type UsageStatusTotals,
} from '../../../contracts/usage/usage-series.js';
import { Clock } from '../../../platform/clock.js';
import { KeyLists } from '../../keys/lists/key-lists.js';
import type { UsageSeriesFields } from './usage-series.fields.js';
import { indexIn, seriesRangeOf, type SeriesRange } from './usage-series.range.js';
import {
  UsageSeriesRepository,
  type Group,
  type PeriodSums,
  type SeriesQuery,
} from './usage-series.repository.js';
import { UsageSumsRepository } from '../sums/usage-sums.repository.js';

/** Usage over time, in as many series as were asked for. */
@Injectable()
export class UsageSeriesService {
  constructor(
    private readonly repository: UsageSeriesRepository,
    private readonly sums: UsageSumsRepository,
    private readonly keys: KeyLists,
    private readonly clock: Clock,
  ) {}

  /** @throws ProblemError 400 for a range that is empty or too long */
  async series(fields: UsageSeriesFields): Promise<UsageSeriesResponse> {
    const by = fields.group_by ?? 'status';
    const range = seriesRangeOf(fields, this.clock.now());
    const query: SeriesQuery = {
      range,
      filter: {
        keyId: fields.key_id?.toLowerCase(),
        userId: fields.user_id,
        serviceId: fields.service_id,
      },
      status: fields.status,
    };
    const groups =
      by === 'status' ? undefined : await this.groups(by, query, Number(fields.top ?? DEFAULT_USAGE_SERIES));
    // The totals are read last: records that are written meanwhile can only make them larger, so no group exceeds its
    // total.
    const sums = await this.repository.sums(by, query);
    const { from, to, period } = range;
    return {
      from,
      to,
      period,
      group_by: by,
      totals: totalsOf(sums),
      ...(groups ? withRest(groups, query, sums) : { series: byStatus(query, sums), rest: null }),
      complete: await this.sums.complete(),
    };
  }

  private async groups(by: Group, query: SeriesQuery, top: number): Promise<Grouped> {
    const { groups, count } = await this.repository.ranked(by, query, top);
    if (groups.length === 0) return { series: [], count: 0 };
    const names = by === 'key' ? await this.keys.names(groups) : undefined;
    const series = new Map<string | null, UsageSeries>(
      groups.map((group) => [
        group,
        { group, name: names?.get(group ?? '') ?? null, requests: 0, points: zeros(query.range) },
      ]),
    );
    for (const { grp, period_start, requests } of await this.repository.points(by, query, groups)) {
      const one = series.get(grp);
      if (one) addTo(one, indexIn(query.range, period_start), requests);
    }
    return { series: [...series.values()], count };
  }
}

interface Grouped {
  series: UsageSeries[];
  /** Of all groups, also those that are in no series. */
  count: number;
}

function withRest(
  { series, count }: Grouped,
  { range, status }: SeriesQuery,
  sums: readonly PeriodSums[],
): Pick<UsageSeriesResponse, 'series' | 'rest'> {
  if (count <= series.length) return { series, rest: null };
  const rest = { groups: count - series.length, requests: 0, points: zeros(range) };
  for (const period of sums) addTo(rest, indexIn(range, period.period_start), requestsOf(period, status));
  for (const one of series) {
    rest.requests -= one.requests;
    one.points.forEach((requests, index) => (rest.points[index] = (rest.points[index] ?? 0) - requests));
  }
  return { series, rest };
}

function byStatus({ range, status }: SeriesQuery, sums: readonly PeriodSums[]): UsageSeries[] {
  return USAGE_STATUSES.filter((one) => status === undefined || one === status).map((group) => {
    const series = { group, name: null, requests: 0, points: zeros(range) };
    for (const period of sums) addTo(series, indexIn(range, period.period_start), period[group]);
    return series;
  });
}

function totalsOf(sums: readonly PeriodSums[]): UsageStatusTotals {
  const total = (pick: (period: PeriodSums) => number): number =>
    sums.reduce((sum, period) => sum + pick(period), 0);
  return {
    requests: total((period) => requestsOf(period, undefined)),
    answered: total((period) => period.answered),
    client_error: total((period) => period.client_error),
    limited: total((period) => period.limited),
    server_error: total((period) => period.server_error),
    bytes_in: total((period) => period.bytes_in),
    bytes_out: total((period) => period.bytes_out),
  };
}

function requestsOf(period: PeriodSums, status: SeriesQuery['status']): number {
  return status === undefined ? USAGE_STATUSES.reduce((sum, one) => sum + period[one], 0) : period[status];
}

function zeros({ length }: SeriesRange): number[] {
  return new Array<number>(length).fill(0);
}

function addTo(series: { requests: number; points: number[] }, index: number, requests: number): void {
  series.requests += requests;
  series.points[index] = (series.points[index] ?? 0) + requests;
}
