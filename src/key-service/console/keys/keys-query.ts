import { durationMs, ListKeysFields } from '../../keys/lists/key-list.fields.js';
import { parseFields } from '../../request-fields/parse-fields.js';

/** The parameters of a list of keys, by their names in the address. */
export type KeysQuery = Readonly<Record<string, string | string[]>>;

/** Filled-in values, without the blanks around them; those that stand several times as a list. */
export function readKeysQuery(query: URLSearchParams): KeysQuery {
  const read: Record<string, string | string[]> = {};
  for (const name of new Set(query.keys())) {
    const values = query
      .getAll(name)
      .map((value) => value.trim())
      .filter((value) => value !== '');
    if (values.length > 0) read[name] = values.length === 1 ? (values[0] as string) : values;
  }
  return read;
}

/**
 * The same as the API takes it; `unused_for` is a time such as `30d`.
 *
 * @throws ProblemError 400 `invalid-fields`
 */
export function fieldsOf({ unused_for, ...query }: KeysQuery, now: string): ListKeysFields {
  if (unused_for === undefined) return parseFields(query, ListKeysFields);
  const { expires_within: duration = '' } = parseFields({ expires_within: unused_for }, ListKeysFields);
  const since = new Date(Date.parse(now) - durationMs(duration)).toISOString();
  return parseFields({ ...query, unused_since: since }, ListKeysFields);
}

/** The same as parameters of an address; what is undefined is left out. */
export function paramsOf(query: Readonly<Record<string, string | string[] | undefined>>): URLSearchParams {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    for (const one of [value ?? []].flat()) params.append(name, one);
  return params;
}

/** Address of the list with some values replaced; those that are undefined are left out, and so is the page. */
export function keysHref(
  path: string,
  query: KeysQuery,
  changes: Readonly<Record<string, string | undefined>> = {},
): string {
  const params = paramsOf({ ...query, cursor: undefined, ...changes });
  return params.size === 0 ? path : `${path}?${params.toString()}`;
}
