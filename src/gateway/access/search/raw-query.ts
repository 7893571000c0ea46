/**
 * A query with one parameter replaced: every pair of that name is removed in any encoding, and the new ones come first,
 * where no malformed pair of the client's can hide them. Everything else stays byte for byte.
 *
 * @param rawQuery with its `?`, or empty
 * @param values none drops the parameter
 */
export function withParameter(rawQuery: string, name: string, values: readonly string[]): string {
  const kept = rawQuery
    .slice(1)
    .split('&')
    .filter((part) => part !== '' && nameOf(part) !== name);
  const put = values.map((value) => `${name}=${encodeURIComponent(value)}`);
  const parts = [...put, ...kept];
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
}

function nameOf(part: string): string | undefined {
  const mark = part.indexOf('=');
  const name = (mark === -1 ? part : part.slice(0, mark)).replaceAll('+', ' ');
  try {
    return decodeURIComponent(name);
  } catch {
    return undefined;
  }
}
