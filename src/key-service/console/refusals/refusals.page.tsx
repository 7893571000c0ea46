import type { ConsoleChart } from '../../../contracts/admin/console-chart.js';
import type { GatewayLimitsResponse } from '../../../contracts/admin/gateway-state.js';
import type { RefusalSummaryResponse } from '../../../contracts/usage/refusals.js';
import type { UsageSeriesResponse } from '../../../contracts/usage/usage-series.js';
import { DAY_MS, HOUR_MS } from '../../../lib/durations.js';
import type { Page } from '../../../platform/browser/page-response.js';
import type { UnregisteredService } from '../../validation/unregistered-services.js';
import { Chart, Swatch } from '../parts/chart.js';
import { CONSOLE_KEYS, CONSOLE_REFUSALS } from '../frame/console-paths.js';
import { Choice } from '../parts/filter-parts.js';
import { framed } from '../frame/frame.js';
import { GatewayView } from './gateway-view.js';
import { count, counted, share } from '../parts/numbers.js';
import { Table } from '../parts/table.js';
import { Unregistered } from './unregistered-part.js';

/** Rows of the lists of addresses, beginnings and keys. */
const ROWS = 10;
/** Reasons with a colour of their own. */
const COLOURS = 10;

/** What gateways mean by their reasons. */
const REASON_WORDS: Readonly<Record<string, string>> = {
  missing: 'No key was sent',
  malformed: 'The header with the key cannot be read',
  conflicting: 'Two different keys in one request',
  mistyped: 'Mistyped: its check sum is wrong',
  refused: 'Unknown or revoked',
  expired: 'Expired',
  'other-service': 'For another service',
  'address-not-allowed': 'Not allowed from that address',
  forbidden: 'Forbidden by the authentication service',
  'insufficient-scope': 'No scope for the UI',
  'too-many-failed-attempts': 'Address over the limit of refused keys',
};

export const REFUSAL_RANGES: readonly (readonly [string, string])[] = [
  ['1', 'Last 24 hours'],
  ['7', '7 days'],
  ['30', '30 days'],
];

export interface RefusalsView {
  readonly query: URLSearchParams;
  readonly refusals: RefusalSummaryResponse;
  /** Refusals of the limit of refused keys alone. */
  readonly addressesAtLimit: RefusalSummaryResponse;
  /** Answers 429 by key. */
  readonly limited: UsageSeriesResponse;
  /** Of the key that was asked for. */
  readonly limits: { readonly name: string; readonly answer: GatewayLimitsResponse } | undefined;
  readonly unregistered: readonly UnregisteredService[];
}

/** Refused keys, and keys and addresses that reached a limit. */
export function refusalsPage(admin: string, view: RefusalsView): Page {
  const { query, refusals, addressesAtLimit, limited, limits, unregistered } = view;
  return framed({
    title: 'Refusals and limits',
    place: 'refusals',
    admin,
    children: (
      <>
        <form class="filters" action={CONSOLE_REFUSALS} role="search">
          <Choice name="days" label="Range" query={query} options={REFUSAL_RANGES} />
          <button>Show</button>
        </form>
        <h2>Refused keys</h2>
        <Reasons of={refusals} />
        <div class="columns">
          <Refused
            title="By address"
            head="Address"
            rows={refusals.networks.map((one) => [one.network ?? 'many, counted together', one])}
          />
          <Refused
            title="By beginning of the key"
            head="Begins with"
            rows={refusals.prefixes.map((one) => [`${one.key_prefix}…`, one])}
          />
        </div>
        <Refused
          title="By key"
          head="Key"
          rows={refusals.keys.map((one) => [
            one.name ?? one.key_id,
            one,
            one.name === null ? undefined : `${CONSOLE_KEYS}/${one.key_id}`,
          ])}
        />
        <Unregistered services={unregistered} />
        <h2>Addresses at the limit of refused keys</h2>
        <p class="hint">
          After too many refused keys, requests from an address get 429 for a while. Valid keys that a gateway
          knows already go on working from there.
        </p>
        <Refused
          title="Requests that had to wait"
          head="Address"
          rows={addressesAtLimit.networks.map((one) => [one.network ?? 'many, counted together', one])}
        />
        <h2>Keys over their limits (429)</h2>
        <Limited of={limited} query={query} />
        {limits && <GatewayView name={limits.name} of={limits.answer} />}
      </>
    ),
  });
}

function Reasons({ of }: { of: RefusalSummaryResponse }) {
  const chart: ConsoleChart = {
    fromMs: Date.parse(of.from),
    periodMs: of.period === 'day' ? DAY_MS : HOUR_MS,
    series: of.reasons.map(({ reason, points }, index) => ({
      name: REASON_WORDS[reason] ?? reason,
      colour: index < COLOURS ? `c${index}` : 'rest',
      points,
    })),
  };
  return (
    <>
      <Chart
        chart={chart}
        label={`${counted(of.total, 'refusal')} by reason; the numbers are in the table below`}
      />
      <Table
        label="Refusals by reason"
        kind="sums"
        caption={counted(of.total, 'refusal')}
        headings={['Reason', { number: 'Requests' }, { number: 'Share' }]}
        rows={of.reasons.map((one, index) => (
          <tr>
            <th scope="row">
              <Swatch colour={chart.series[index]?.colour ?? ''} /> {chart.series[index]?.name}{' '}
              <code>{one.reason}</code>
            </th>
            <td class="number">{count(one.count)}</td>
            <td class="number">{share(one.count, of.total)}</td>
          </tr>
        ))}
        none="Gateways have reported none in this time."
      />
    </>
  );
}

type RefusedRow = readonly [string, { readonly count: number; readonly last_at: string }, string?];

function Refused({ title, head, rows }: { title: string; head: string; rows: readonly RefusedRow[] }) {
  return (
    <Table
      label={title}
      caption={rows.length > ROWS ? `${title}: the ${ROWS} with most` : title}
      headings={[head, { number: 'Requests' }, 'Last (UTC)']}
      rows={rows.slice(0, ROWS).map(([name, one, href]) => (
        <tr>
          <td>
            {href === undefined ? (
              <bdi>{name}</bdi>
            ) : (
              <a href={href}>
                <bdi>{name}</bdi>
              </a>
            )}
          </td>
          <td class="number">{count(one.count)}</td>
          <td class="time">{one.last_at.slice(0, 16).replace('T', ' ')}</td>
        </tr>
      ))}
      none="None."
    />
  );
}

function Limited({ of, query }: { of: UsageSeriesResponse; query: URLSearchParams }) {
  const ask = (id: string): string => {
    const asked = new URLSearchParams(query);
    asked.set('key_id', id);
    return `${CONSOLE_REFUSALS}?${asked.toString()}#gateways`;
  };
  return (
    <Table
      label="Keys over their limits"
      caption={`${counted(of.totals.limited, 'answer')} 429 of ${counted(of.totals.requests, 'request')}`}
      headings={['Key', { number: 'Answers 429' }, undefined]}
      rows={of.series.map(({ group, name, requests }) => (
        <tr>
          <td>
            <a href={`${CONSOLE_KEYS}/${group ?? ''}`}>
              <bdi>{name ?? group}</bdi>
            </a>
          </td>
          <td class="number">{count(requests)}</td>
          <td class="time">
            <a href={ask(group ?? '')}>What is left of its limits now</a>
          </td>
        </tr>
      ))}
      none="None."
    />
  );
}
