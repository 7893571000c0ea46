import {
  ENVIRONMENTS,
  KEY_STATUSES,
  type KeyFacet,
  type KeyFacetsResponse,
  type KeyResource,
  type KeySort,
} from '../../../contracts/keys/key-management.js';
import type { Page } from '../../../platform/browser/page-response.js';
import { Bars } from '../parts/bars.js';
import { Choice, type Option } from '../parts/filter-parts.js';
import { CONSOLE_KEYS, CONSOLE_KEYS_CSV, CONSOLE_REVOKE } from '../frame/console-paths.js';
import { framed } from '../frame/frame.js';
import { statusOf } from './key-words.js';
import { keysHref, paramsOf, type KeysQuery } from './keys-query.js';
import { Moment } from '../parts/moment.js';

export interface KeysView {
  readonly query: KeysQuery;
  readonly keys: readonly KeyResource[];
  /** On all pages. */
  readonly total: number;
  readonly nextCursor: string | undefined;
  readonly facets: KeyFacetsResponse;
  /** Requests hour by hour, by key id. */
  readonly bars: ReadonlyMap<string, readonly number[]>;
  readonly now: string;
}

/** The list of keys; filters and order are in the address. */
export function keysPage(admin: string, view: KeysView): Page {
  return framed({
    title: 'Keys',
    place: 'keys',
    admin,
    children: (
      <>
        <Shortcuts facets={view.facets} />
        <Filters query={view.query} facets={view.facets} />
        <KeyTable view={view} />
      </>
    ),
  });
}

const ALL: Option = ['', 'All'];

/** Counts of all keys by status, each a link to the list of these keys. */
function Shortcuts({ facets }: { facets: KeyFacetsResponse }) {
  const { by_status: status } = facets;
  const counts: readonly (readonly [count: number, words: string, query: KeysQuery])[] = [
    [status.active, 'active', { status: 'active' }],
    [facets.expire_within_14_days, 'end within 14 days', { expires_within: '14d', sort: 'expires_at' }],
    [facets.unused_for_30_days, 'unused for 30 days', { unused_for: '30d', status: 'active' }],
    [status.rotated, 'rotated, still valid', { status: 'rotated' }],
    [status.expired, 'expired', { status: 'expired' }],
    [status.revoked, 'revoked', { status: 'revoked' }],
  ];
  return (
    <ul class="counts">
      {counts.map(([count, words, query]) => (
        <li>
          <a href={keysHref(CONSOLE_KEYS, query)}>
            <strong>{count}</strong> {words}
          </a>
        </li>
      ))}
    </ul>
  );
}

function Filters({ query, facets }: { query: KeysQuery; facets: KeyFacetsResponse }) {
  const count = ({ value, keys }: KeyFacet): Option => [value ?? '', `${value ?? ''} (${keys})`];
  const named = (all: readonly KeyFacet[]): Option[] => all.filter(({ value }) => value !== null).map(count);
  const params = paramsOf(query);
  return (
    <form class="filters" action={CONSOLE_KEYS} role="search">
      <div class="search">
        <label for="q">Search</label>
        <input
          id="q"
          name="q"
          type="search"
          value={oneOf(query['q'])}
          maxlength={200}
          placeholder="Name or prefix"
        />
      </div>
      <Choice name="service_id" label="Service" query={params} options={[ALL, ...named(facets.services)]} />
      <div>
        <label for="user_id">Owner</label>
        <input
          id="user_id"
          name="user_id"
          list="owners"
          value={oneOf(query['user_id'])}
          maxlength={255}
          placeholder="All"
        />
        <datalist id="owners">
          {named(facets.users).map(([value]) => (
            <option value={value} />
          ))}
        </datalist>
      </div>
      <Choice
        name="environment"
        label="Environment"
        query={params}
        options={[ALL, ...ENVIRONMENTS.map((one): Option => [one, one])]}
      />
      <Choice
        name="status"
        label="Status"
        query={params}
        options={[ALL, ...KEY_STATUSES.map((one): Option => [one, one])]}
      />
      <Choice name="expires_within" label="Ends within" query={params} options={DURATIONS} />
      <Choice name="unused_for" label="Unused for" query={params} options={DURATIONS} />
      {(['sort', 'order'] as const).map(
        (name) => query[name] !== undefined && <input type="hidden" name={name} value={oneOf(query[name])} />,
      )}
      <div class="actions">
        <button>Show</button>
        {Object.keys(query).length > 0 && <a href={CONSOLE_KEYS}>Clear</a>}
      </div>
    </form>
  );
}

const DURATIONS: readonly Option[] = [
  ALL,
  ['7d', '7 days'],
  ['14d', '14 days'],
  ['30d', '30 days'],
  ['90d', '90 days'],
];

function KeyTable({ view }: { view: KeysView }) {
  const { query, keys, total, nextCursor, bars, now } = view;
  return (
    <form action={CONSOLE_REVOKE}>
      <div class="wide" tabIndex={0} role="region" aria-label="Keys">
        <table class="list">
          <caption>
            {total === 1 ? '1 key' : `${total} keys`}
            {' · '}
            <a href={keysHref(CONSOLE_KEYS_CSV, query)}>as CSV</a>
            {query['sort'] !== undefined && (
              <>
                {' · '}
                <a href={keysHref(CONSOLE_KEYS, query, { sort: undefined, order: undefined })}>
                  newest first
                </a>
              </>
            )}
          </caption>
          <thead>
            <tr>
              <td class="check" />
              <Heading sort="name" query={query} words="Key" />
              <Heading sort="user_id" query={query} words="Owner, service" />
              <th scope="col">Status</th>
              <th scope="col">Last 36 h</th>
              <Heading sort="last_used_at" query={query} words="Used" first="desc" />
              <Heading sort="expires_at" query={query} words="Ends" />
            </tr>
          </thead>
          <tbody>
            {keys.map((key) => (
              <Row of={key} points={bars.get(key.key_id)} now={now} />
            ))}
          </tbody>
        </table>
        {keys.length === 0 && <p class="none">No keys match.</p>}
      </div>
      <div class="actions">
        {keys.some(({ is_active }) => is_active) && <button class="plain">Revoke the ticked keys…</button>}
        {query['cursor'] !== undefined && <a href={keysHref(CONSOLE_KEYS, query)}>First page</a>}
        {nextCursor !== undefined && (
          <a href={keysHref(CONSOLE_KEYS, query, { cursor: nextCursor })}>Next page</a>
        )}
      </div>
    </form>
  );
}

interface HeadingProps {
  readonly sort: KeySort;
  readonly words: string;
  readonly query: KeysQuery;
  /** The order after the first click on a column. */
  readonly first?: 'asc' | 'desc';
}

function Heading({ sort, words, query, first = 'asc' }: HeadingProps) {
  const isSorted = (oneOf(query['sort']) || 'created_at') === sort;
  const order = isSorted ? oneOf(query['order']) || first : undefined;
  const next = order === undefined ? first : order === 'asc' ? 'desc' : 'asc';
  return (
    <th
      scope="col"
      aria-sort={order === undefined ? undefined : order === 'asc' ? 'ascending' : 'descending'}
    >
      <a href={keysHref(CONSOLE_KEYS, query, { sort, order: next })}>{words}</a>
      {order !== undefined && <span aria-hidden="true">{order === 'asc' ? ' ↑' : ' ↓'}</span>}
    </th>
  );
}

function Row({
  of: key,
  points,
  now,
}: {
  of: KeyResource;
  points: readonly number[] | undefined;
  now: string;
}) {
  const { words, tone } = statusOf(key, now);
  return (
    <tr>
      <td class="check">
        {key.revoked_at === null && (
          <input type="checkbox" name="id" value={key.key_id} aria-label={`Tick ${key.name}`} />
        )}
      </td>
      <td class="key">
        <a href={`${CONSOLE_KEYS}/${key.key_id}`}>
          <bdi>{key.name}</bdi>
        </a>
        <br />
        <code>{key.key_prefix}…</code>
      </td>
      <td class="own">
        <bdi>{key.user_id ?? '–'}</bdi>
        <br />
        <span class="hint">
          {key.service_id}
          {key.service_ids.length > 1 && ` +${key.service_ids.length - 1}`}
        </span>
      </td>
      <td class={`state ${tone}`}>{words}</td>
      <td>
        <Bars points={points} />
      </td>
      <td>{key.last_used_at === null ? 'never' : <Moment at={key.last_used_at} now={now} />}</td>
      <td>{key.expires_at === null ? 'never' : <Moment at={key.expires_at} now={now} />}</td>
    </tr>
  );
}

function oneOf(value: string | string[] | undefined): string {
  return (Array.isArray(value) ? value[0] : value) ?? '';
}
