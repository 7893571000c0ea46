/** A request target in origin form (RFC 9112, 3.2.1), checked once. */
export interface RequestTarget {
  /** The path as the client sent it, byte for byte. */
  readonly rawPath: string;
  /** The query as the client sent it, with its `?`; empty if there is none. */
  readonly rawQuery: string;
  /** The path decoded once with slashes collapsed: all decisions are based on it. */
  readonly path: string;
}

export type TargetFault =
  'not-origin-form' | 'fragment' | 'dot-segment' | 'backslash' | 'nul' | 'percent-encoding';

// A path without any of these is its own canonical form.
const SUSPECT = /%|\\|\/\/|\/\.|\0/;

const BROKEN_ESCAPE = /%(?![0-9A-Fa-f]{2})/;
/** Forms of UTF-8 that are longer than they need to be: lenient decoders see dots and slashes in them (RFC 3629, 10). */
const OVERLONG = /%c[01]%[89ab][0-9a-f]|%e0%[89][0-9a-f]|%f0%8[0-9a-f]/i;
const ESCAPES = /(?:%[0-9A-Fa-f]{2})+/g;
const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Decoded once, as MLflow does: bytes that are not UTF-8 become U+FFFD, on which no decision is based. */
export function percentDecoded(path: string): string {
  return path.replace(ESCAPES, (escapes) => UTF8.decode(Buffer.from(escapes.replaceAll('%', ''), 'hex')));
}

/**
 * Splits and checks a request target. The path is decoded once, as MLflow does, so a doubly encoded dot segment stays
 * an ordinary name.
 */
export function parseTarget(url: string): RequestTarget | TargetFault {
  if (url.charCodeAt(0) !== 47 /* / */) return 'not-origin-form';
  // A request target has no fragment, and servers differ in what they do with one.
  if (url.includes('#')) return 'fragment';
  const mark = url.indexOf('?');
  const rawPath = mark === -1 ? url : url.slice(0, mark);
  const rawQuery = mark === -1 ? '' : url.slice(mark);
  if (!SUSPECT.test(rawPath)) return { rawPath, rawQuery, path: rawPath };

  if (BROKEN_ESCAPE.test(rawPath) || OVERLONG.test(rawPath)) return 'percent-encoding';
  const decoded = percentDecoded(rawPath);
  if (decoded.includes('\\')) return 'backslash';
  if (decoded.includes('\0')) return 'nul';
  if (/(^|\/)\.{1,2}(?=\/|$)/.test(decoded)) return 'dot-segment';
  return { rawPath, rawQuery, path: decoded.replace(/\/{2,}/g, '/') };
}
