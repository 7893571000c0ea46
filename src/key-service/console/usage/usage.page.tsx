import type { ConsoleChart } from '../../../contracts/admin/console-chart.js';
import type { UsageSeries, UsageSeriesResponse } from '../../../contracts/usage/usage-series.js';
import { DAY_MS } from '../../../lib/durations.js';
import type { Page } from '../../../platform/browser/page-response.js';
import { Chart, Swatch, sumAt } from '../parts/chart.js';
import { CONSOLE_KEYS, CONSOLE_USAGE } from '../frame/console-paths.js';
import { Choice, DateField, Field } from '../parts/filter-parts.js';
import { framed } from '../frame/frame.js';
import { bytes, count, periodName, share } from '../parts/numbers.js';
import { Table } from '../parts/table.js';
import { chartOf, groupName, GROUPING_WORDS, restName, STATUS_WORDS } from './usage-words.js';

export const USAGE_RANGES: readonly (readonly [string, string])[] = [
  ['1', 'Last 24 hours'],
  ['7', '7 days'],
  ['30', '30 days'],
  ['90', '90 days'],
  ['365', '1 year'],
];

export interface UsageView {
  readonly query: URLSearchParams;
  readonly usage: UsageSeriesResponse;
  /** The key that it is about, where it is about one. */
  readonly key?: { readonly id: string; readonly name: string } | undefined;
  /** Whether hours were requested for a range that is too long for hours. */
  readonly tooLongForHours: boolean;
}

/** Usage over time; filters and range are in the address. */
export function usagePage(admin: string, { query, usage, key, tooLongForHours }: UsageView): Page {
  return framed({
    title: key ? `Usage of ${key.name}` : 'Usage',
    place: 'usage',
    admin,
    children: (
      <>
        <Filters query={query} />
        {key && (
          <p>
            Of one key:{' '}
            <a href={`${CONSOLE_KEYS}/${key.id}`}>
              <bdi>{key.name}</bdi>
            </a>
          </p>
        )}
        {tooLongForHours && <p class="notice">By the day: hours are shown for 31 days at most.</p>}
        {!usage.complete && (
          <p class="notice warn">
            Requests of an earlier release are still being added up: numbers may be too small.
          </p>
        )}
        <SeriesView usage={usage} />
        <Totals usage={usage} />
        <p class="actions">
          <a class="button plain" href={`${CONSOLE_USAGE}.csv?${query.toString()}`}>
            CSV
          </a>
        </p>
      </>
    ),
  });
}

function Filters({ query }: { query: URLSearchParams }) {
  return (
    <form class="filters" action={CONSOLE_USAGE} role="search">
      {query.has('key_id') && <input type="hidden" name="key_id" value={query.get('key_id') ?? ''} />}
      <Choice name="group_by" label="By" query={query} options={Object.entries(GROUPING_WORDS)} />
      <Choice name="days" label="Range" query={query} options={USAGE_RANGES} />
      <DateField name="from" label="or from" query={query} />
      <DateField name="to" label="to" query={query} />
      <Choice
        name="period"
        label="Bars for each"
        query={query}
        options={[
          ['', 'automatic'],
          ['hour', 'hour'],
          ['day', 'day'],
        ]}
      />
      <Choice
        name="status"
        label="Count only"
        query={query}
        options={[['', 'every request'], ...Object.entries(STATUS_WORDS)]}
      />
      <Field name="service_id" label="Service" query={query} />
      <Field name="user_id" label="Owner" query={query} />
      <button>Show</button>
    </form>
  );
}

/** A chart, the sums of its groups as a table, and its numbers as another. */
export function SeriesView({ usage }: { usage: UsageSeriesResponse }) {
  const chart = chartOf(usage);
  const shown = chart.series.reduce((sum, { points }) => sum + points.reduce((all, one) => all + one, 0), 0);
  const words = GROUPING_WORDS[usage.group_by];
  const label = `${count(shown)} requests by ${words.toLowerCase()} and ${usage.period}; the numbers are in the tables below`;
  return (
    <>
      <Chart chart={chart} label={label} />
      <Table
        label={`Requests by ${words.toLowerCase()}`}
        kind="sums"
        caption={`${count(shown)} requests from ${at(usage.from)} to ${at(usage.to)} UTC`}
        headings={[words, { number: 'Requests' }, { number: 'Share' }]}
        rows={[
          ...usage.series.map((one, index) => (
            <tr>
              <th scope="row">
                <Swatch colour={chart.series[index]?.colour ?? ''} /> <Group of={one} usage={usage} />
              </th>
              <td class="number">{count(one.requests)}</td>
              <td class="number">{share(one.requests, shown)}</td>
            </tr>
          )),
          ...(usage.rest === null ? [] : [<Rest of={usage.rest} shown={shown} />]),
        ]}
        none="No requests in this time."
      />
      <Numbers chart={byTheDayWhereLong(chart)} />
    </>
  );
}

function Group({ of, usage }: { of: UsageSeries; usage: UsageSeriesResponse }) {
  const name = <bdi>{groupName(of, usage.group_by)}</bdi>;
  if (of.group === null) return name;
  if (usage.group_by === 'key') return <a href={`${CONSOLE_KEYS}/${of.group}`}>{name}</a>;
  const filter = { user: 'user_id', service: 'service_id' }[usage.group_by as string];
  if (filter === undefined) return name;
  return <a href={`${CONSOLE_KEYS}?${new URLSearchParams({ [filter]: of.group }).toString()}`}>{name}</a>;
}

/** Every number of a chart, closed until somebody wants them. */
function Numbers({ chart }: { chart: ConsoleChart }) {
  const { fromMs, periodMs, series } = chart;
  const length = series[0]?.points.length ?? 0;
  if (length === 0) return null;
  return (
    <details>
      <summary>{periodMs >= DAY_MS ? 'Numbers of each day' : 'Numbers of each hour'}</summary>
      <Table
        label="Numbers"
        kind="numbers"
        headings={[
          'From (UTC)',
          ...series.map(({ name }) => ({ number: <bdi>{name}</bdi> })),
          { number: 'All' },
        ]}
        rows={Array.from({ length }, (_, index) => (
          <tr>
            <th scope="row">{periodName(fromMs + index * periodMs, periodMs)}</th>
            {series.map(({ points }) => (
              <td class="number">{count(points[index] ?? 0)}</td>
            ))}
            <td class="number">{count(sumAt(chart, index))}</td>
          </tr>
        ))}
      />
    </details>
  );
}

function Rest({ of, shown }: { of: NonNullable<UsageSeriesResponse['rest']>; shown: number }) {
  return (
    <tr>
      <th scope="row">
        <Swatch colour="rest" /> {restName(of.groups)}
      </th>
      <td class="number">{count(of.requests)}</td>
      <td class="number">{share(of.requests, shown)}</td>
    </tr>
  );
}

function Totals({ usage }: { usage: UsageSeriesResponse }) {
  const { totals } = usage;
  return (
    <p class="hint">
      {`${count(totals.requests)} requests with any answer: ${count(totals.answered)} answered, ${count(totals.client_error)} refused or not found, ` +
        `${count(totals.limited)} over a limit, ${count(totals.server_error)} failed; ${bytes(totals.bytes_in)} in, ${bytes(totals.bytes_out)} out.`}
    </p>
  );
}

/** Rows of a table of hours. */
const MAX_HOURS = 72;

/** A table of a month of hours is longer than anybody reads; the CSV has them. */
function byTheDayWhereLong(chart: ConsoleChart): ConsoleChart {
  const { fromMs, periodMs, series } = chart;
  const length = series[0]?.points.length ?? 0;
  if (periodMs >= DAY_MS || length <= MAX_HOURS) return chart;
  const firstMs = Math.floor(fromMs / DAY_MS) * DAY_MS;
  const days = Math.ceil((fromMs + length * periodMs - firstMs) / DAY_MS);
  return {
    fromMs: firstMs,
    periodMs: DAY_MS,
    series: series.map(({ points, ...one }) => {
      const sums = new Array<number>(days).fill(0);
      points.forEach((value, index) => {
        const day = Math.floor((fromMs + index * periodMs - firstMs) / DAY_MS);
        sums[day] = (sums[day] ?? 0) + value;
      });
      return { ...one, points: sums };
    }),
  };
}

function at(instant: string): string {
  return instant.slice(0, 16).replace('T', ' ');
}
