import { CONSOLE_KEYS } from '../frame/console-paths.js';
import { KEY_RANGES, type KeyRange } from './key-usage.reader.js';
import type { KeyView } from './key-views.js';
import { Moment } from '../parts/moment.js';
import { SeriesView } from '../usage/usage.page.js';

const RANGE_WORDS: Readonly<Record<KeyRange, string>> = {
  '24h': '24 hours',
  '7d': '7 days',
  '30d': '30 days',
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
      <SeriesView usage={usage} />
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
