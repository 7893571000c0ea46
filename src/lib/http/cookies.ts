/** Cookies in headers (RFC 6265). Values are not decoded: writers use only safe characters. */

/** All values of a cookie in a `Cookie` header; a browser may send one name from several paths or domains. */
export function cookieValues(header: string | undefined, name: string): string[] {
  if (header === undefined || !header.includes(name)) return [];
  const values: string[] = [];
  let mark = -1;
  for (let start = 0; start < header.length;) {
    const end = indexOrEnd(header, ';', start);
    // The position is kept while it is ahead: otherwise a header of semicolons would be searched again for each of
    // them.
    if (mark < start) mark = indexOrEnd(header, '=', start);
    if (mark < end && withoutSpace(header.slice(start, mark)) === name)
      values.push(withoutSpace(header.slice(mark + 1, end)));
    start = end + 1;
  }
  return values;
}

function indexOrEnd(text: string, character: string, start: number): number {
  const index = text.indexOf(character, start);
  return index === -1 ? text.length : index;
}

/**
 * Without spaces and tabs around it, which are all that browsers leave out too (RFC 6265, 5.2). `trim` would also drop
 * a no-break space, and with it the difference between a `__Host-` cookie and one that any sibling host may plant.
 */
function withoutSpace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text.charCodeAt(start))) start++;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isSpace(code: number): boolean {
  return code === 32 || code === 9;
}

/** A `Cookie` header without some cookies; undefined where none is left. */
export function withoutCookies(header: string, names: ReadonlySet<string>): string | undefined {
  // A browser mostly has this one cookie and no other.
  if (!header.includes(';'))
    return names.has(header.slice(0, header.indexOf('=')).trim()) ? undefined : header;
  const kept = header.split(';').filter((part) => {
    const mark = part.indexOf('=');
    return !names.has((mark === -1 ? part : part.slice(0, mark)).trim());
  });
  const text = kept.join(';').trim();
  return text === '' ? undefined : text;
}

export interface CookieAttributes {
  readonly path: string;
  readonly secure: boolean;
  readonly sameSite: 'Lax' | 'Strict';
  /** Seconds from now; 0 removes the cookie. */
  readonly maxAgeSeconds: number;
}

/** A `Set-Cookie` value of a cookie that scripts cannot read. */
export function setCookie(name: string, value: string, attributes: CookieAttributes): string {
  const { path, secure, sameSite, maxAgeSeconds } = attributes;
  return (
    `${name}=${value}; Path=${path}; Max-Age=${Math.floor(maxAgeSeconds)}; HttpOnly; SameSite=${sameSite}` +
    (secure ? '; Secure' : '')
  );
}
