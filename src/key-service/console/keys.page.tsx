import type { KeyResource, ListKeysResponse } from '../../contracts/key-management.js';
import { KEY_STATUSES } from '../../contracts/key-management.js';
import type { Page } from '../../platform/browser/page-response.js';
import { CONSOLE_KEYS, CONSOLE_REVOKE } from './console-paths.js';
import { framed } from './frame.js';
import { day, statusWords } from './key-words.js';

const SORT_WORDS = {
  created_at: 'Newest',
  name: 'Name',
  expires_at: 'Ends first',
  last_used_at: 'Used last',
  user_id: 'Owner',
};

/** The list of keys; what was asked for stands in the address. */
export function keysPage(
  admin: string,
  query: URLSearchParams,
  { keys, total, next_cursor }: ListKeysResponse,
  now: string,
): Page {
  const more = new URLSearchParams(query);
  if (next_cursor !== null) more.set('cursor', next_cursor);
  return framed({
    title: 'Keys',
    place: 'keys',
    admin,
    children: (
      <>
        <Filters query={query} />
        <KeyTable keys={keys} total={total} more={next_cursor === null ? undefined : more} now={now} />
      </>
    ),
  });
}

function Filters({ query }: { query: URLSearchParams }) {
  return (
    <form class="filters" action={CONSOLE_KEYS} role="search">
      <Field name="q" label="Search" query={query} />
      <Field name="user_id" label="Owner" query={query} />
      <Field name="service_id" label="Service" query={query} />
      <Choice
        name="status"
        label="Status"
        query={query}
        options={[['', 'All'], ...KEY_STATUSES.map((one) => [one, one] as const)]}
      />
      <Choice
        name="expires_within"
        label="Ends within"
        query={query}
        options={[
          ['', 'Any time'],
          ['7d', '7 days'],
          ['14d', '14 days'],
          ['30d', '30 days'],
        ]}
      />
      <Choice name="sort" label="Order" query={query} options={Object.entries(SORT_WORDS)} />
      <button>Show</button>
    </form>
  );
}

interface Listed {
  readonly keys: readonly KeyResource[];
  readonly total: number;
  /** Query of the next page. */
  readonly more: URLSearchParams | undefined;
  readonly now: string;
}

function KeyTable({ keys, total, more, now }: Listed) {
  return (
    <form action={CONSOLE_REVOKE}>
      <div class="wide" tabIndex={0} role="region" aria-label="Keys">
        <table>
          <caption>{total === 1 ? '1 key' : `${total} keys`}</caption>
          <thead>
            <tr>
              <td class="check" />
              <th scope="col">Name</th>
              <th scope="col">Owner</th>
              <th scope="col">Service</th>
              <th scope="col">Status</th>
              <th scope="col">Used</th>
              <th scope="col">Ends</th>
            </tr>
          </thead>
          <tbody>
            {keys.map((key) => (
              <Row of={key} now={now} />
            ))}
          </tbody>
        </table>
      </div>
      <div class="actions">
        <button class="plain">Revoke the chosen keys…</button>
        {more && <a href={`${CONSOLE_KEYS}?${more.toString()}`}>More keys</a>}
      </div>
    </form>
  );
}

function Row({ of: key, now }: { of: KeyResource; now: string }) {
  return (
    <tr>
      <td class="check">
        {key.revoked_at === null && (
          <input type="checkbox" name="id" value={key.key_id} aria-label={`Choose ${key.name}`} />
        )}
      </td>
      <td>
        <a href={`${CONSOLE_KEYS}/${key.key_id}`}>
          <bdi>{key.name}</bdi>
        </a>
        <br />
        <code>{key.key_prefix}…</code>
      </td>
      <td>
        <bdi>{key.user_id ?? '–'}</bdi>
      </td>
      <td>{key.service_id}</td>
      <td>{statusWords(key, now)}</td>
      <td>{key.last_used_at === null ? 'never' : day(key.last_used_at)}</td>
      <td>{key.expires_at === null ? 'never' : day(key.expires_at)}</td>
    </tr>
  );
}

interface Named {
  readonly name: string;
  readonly label: string;
  readonly query: URLSearchParams;
}

function Field({ name, label, query }: Named) {
  return (
    <div>
      <label for={name}>{label}</label>
      <input id={name} name={name} value={query.get(name) ?? ''} maxlength={200} />
    </div>
  );
}

function Choice({
  name,
  label,
  query,
  options,
}: Named & { options: readonly (readonly [string, string])[] }) {
  return (
    <div>
      <label for={name}>{label}</label>
      <select id={name} name={name}>
        {options.map(([value, text]) => (
          <option value={value} selected={query.get(name) === value}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}
