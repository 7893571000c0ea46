/** One parameter of a query, decoded. */
export interface QueryPair {
  readonly name: string;
  readonly value: string;
}

/**
 * Parameters of a query in their order, read as Python's `parse_qsl` and MLflow read them: only `&` separates, `+` is a
 * space, an empty part is skipped, and a name without `=` has an empty value. `;` is part of a value.
 *
 * @param rawQuery with its `?`, or empty
 * @returns undefined for percent-encoding that is broken or not UTF-8, which parsers read differently
 */
export function readQuery(rawQuery: string): QueryPair[] | undefined {
  const pairs: QueryPair[] = [];
  for (const part of rawQuery.slice(1).split('&')) {
    if (part === '') continue;
    const mark = part.indexOf('=');
    const name = decode(mark === -1 ? part : part.slice(0, mark));
    const value = mark === -1 ? '' : decode(part.slice(mark + 1));
    if (name === undefined || value === undefined) return undefined;
    pairs.push({ name, value });
  }
  return pairs;
}

function decode(text: string): string | undefined {
  const blanks = text.includes('+') ? text.replaceAll('+', ' ') : text;
  if (!blanks.includes('%')) return blanks;
  try {
    return decodeURIComponent(blanks);
  } catch {
    return undefined;
  }
}
