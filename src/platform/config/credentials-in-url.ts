/** The percent-encoding of each character that would end a user name or password too early (RFC 3986, 2.1). */
const ENCODED: Readonly<Record<string, string>> = { '#': '%23', '/': '%2F', '?': '%3F', '%': '%25' };

/**
 * What is wrong with the user and password of a URL if a character in them is not percent-encoded and has another
 * meaning in a URL; in words that follow the variable's name, never with the value.
 *
 * @param text such as `redis://user:password@host`
 * @param queryMay whether such URLs have queries, which may hold an `@` of their own
 */
export function unencodedCredentials(text: string, { queryMay }: { queryMay: boolean }): string | undefined {
  const rest = /^[a-z][a-z0-9+.-]*:\/\/(.*)$/is.exec(text)?.[1] ?? '';
  const end = rest.search(/[/?#]/);
  const authority = end < 0 ? rest : rest.slice(0, end);
  const after = rest.slice(authority.length);
  const beforeAt = after.slice(0, after.indexOf('@') + 1);
  if (!authority.includes('@') && beforeAt !== '' && !(queryMay && isInQuery(beforeAt)))
    return unencoded(beforeAt[0] as string);
  const credentials = authority.slice(0, authority.lastIndexOf('@') + 1);
  return /%(?![0-9a-f]{2})/i.test(credentials) || !isDecodable(credentials) ? unencoded('%') : undefined;
}

function unencoded(character: string): string {
  return `must have its user and password percent-encoded: write ${character} as ${ENCODED[character]}`;
}

/** `/keys?application_name=a@`: the first parameter has its name before the `@`. */
function isInQuery(beforeAt: string): boolean {
  return /^[^?#]*\?[^#=]+=[^#]*$/.test(beforeAt);
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
