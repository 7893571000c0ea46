import type { UsageSeriesResponse } from '../../contracts/usage-series.js';
import { CONSOLE_KEYS } from './console-paths.js';
import { KEY_RANGES, type KeyRange } from './key-usage.reader.js';
import type { KeyView } from './key-views.js';
import { Moment } from './moment.js';

const RANGE_WORDS: Readonly<Record<KeyRange, string>> = {
  '24h': '24 hours',
  '7d': '7 days',
  '30d': '30 days',
};

const STATUS_WORDS: Readonly<Record<string, string>> = {
  answered: 'Answered',
  client_error: 'Refused or not found (4xx)',
  limited: 'Over a limit (429)',
  server_error: 'Failed (5xx)',
};

/** What a key did: requests by answer, endpoints and addresses. */
export function KeyUsage({ view }: { view: KeyView }) {
  const { key, range, usage, endpoints, addresses, now } = view;
  return (
    <section aria-labelledby="usage">
      <h2 id="usage">Use in the last {RANGE_WORDS[range]}</h2>
      <p class="actions">
        {(Object.keys(KEY_RANGES) as KeyRange[]).map((one) => (
          <a
            href={`${CONSOLE_KEYS}/${key.key_id}?range=${one}#usage`}
            aria-current={one === range ? 'true' : undefined}
          >
            {RANGE_WORDS[one]}
          </a>
        ))}
      </p>
      <Answers usage={usage} />
      <div class="halves">
        <Endpoints endpoints={endpoints} />
        <Table
          label="Addresses"
          headings={['Address', 'Last used']}
          rows={addresses.map(({ address, at }) => [address, <Moment at={at} now={now} />])}
        />
      </div>
    </section>
  );
}

/** Requests of each period as stacked bars, and the same numbers as a table. */
function Answers({ usage }: { usage: UsageSeriesResponse }) {
  const length = usage.series[0]?.points.length ?? 0;
  const sums = Array.from({ length }, (_, index) =>
    usage.series.reduce((sum, { points }) => sum + (points[index] ?? 0), 0),
  );
  const highest = Math.max(1, ...sums);
  return (
    <>
      <svg class="chart" viewBox={`0 0 ${length * 10} 100`} preserveAspectRatio="none" aria-hidden="true">
        {usage.series.map(({ group }, which) => (
          <path class={group ?? ''} d={barsOf(usage, which, highest)} />
        ))}
      </svg>
      <div class="wide" tabIndex={0} role="region" aria-label="Answers">
        <table>
          <caption>
            {usage.totals.requests} requests; the busiest {usage.period} had {Math.max(0, ...sums)}
          </caption>
          <thead>
            <tr>
              {usage.series.map(({ group }) => (
                <th scope="col" class="number">
                  <svg class="swatch" viewBox="0 0 1 1" aria-hidden="true">
                    <rect class={group ?? ''} width="1" height="1" />
                  </svg>
                  {STATUS_WORDS[group ?? '']}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            <tr>
              {usage.series.map(({ requests }) => (
                <td class="number">{requests}</td>
              ))}
            </tr>
          </tbody>
        </table>
      </div>
    </>
  );
}

/** All bars of one answer as one path, each upon those of the answers before it. */
function barsOf({ series }: UsageSeriesResponse, which: number, highest: number): string {
  const own = series[which]?.points ?? [];
  return own
    .map((requests, index) => {
      if (requests === 0) return '';
      const below = series.slice(0, which).reduce((sum, { points }) => sum + (points[index] ?? 0), 0);
      const [bottom, height] = [100 - (below / highest) * 100, (requests / highest) * 100];
      return `M${index * 10 + 1} ${bottom.toFixed(2)}v${(-height).toFixed(2)}h8v${height.toFixed(2)}z`;
    })
    .join('');
}

function Endpoints({ endpoints }: Pick<KeyView, 'endpoints'>) {
  return (
    <Table
      label="Endpoints"
      headings={['Endpoint', 'Requests', 'Errors', '95% within']}
      rows={endpoints.map(({ endpoint, requests, errors, p95Ms }) => [
        <code>{endpoint}</code>,
        requests,
        errors,
        `${p95Ms} ms`,
      ])}
    />
  );
}

type Cell = string | number | preact.JSX.Element;

function Table({
  label,
  headings,
  rows,
}: {
  label: string;
  headings: readonly string[];
  rows: readonly (readonly Cell[])[];
}) {
  const isNumber = (column: number): boolean => typeof rows[0]?.[column] === 'number' || column === 3;
  return (
    <div class="wide" tabIndex={0} role="region" aria-label={label}>
      <table>
        <caption>{rows.length === 0 ? `${label}: none` : label}</caption>
        {rows.length > 0 && (
          <thead>
            <tr>
              {headings.map((heading, column) => (
                <th scope="col" class={isNumber(column) ? 'number' : undefined}>
                  {heading}
                </th>
              ))}
            </tr>
          </thead>
        )}
        <tbody>
          {rows.map((cells) => (
            <tr>
              {cells.map((cell, column) => (
                <td class={isNumber(column) ? 'number' : undefined}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
