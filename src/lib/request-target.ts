/** A request target in origin form (RFC 9112, 3.2.1), judged once. */
export interface RequestTarget {
  /** The path as it came, byte for byte. */
  readonly rawPath: string;
  /** The query as it came, with its `?`; empty where there is none. */
  readonly rawQuery: string;
  /** The path decoded once with slashes collapsed: what decisions are taken on. */
  readonly path: string;
}

export type TargetFault =
  'not-origin-form' | 'fragment' | 'dot-segment' | 'backslash' | 'nul' | 'percent-encoding';

// A path without any of these is its own canonical form.
const SUSPECT = /%|\\|\/\/|\/\.|\0/;

/**
 * Splits and judges a request target. The path is decoded once, as MLflow does, so a doubly encoded
 * dot segment stays an ordinary name.
 */
export function parseTarget(url: string): RequestTarget | TargetFault {
  if (url.charCodeAt(0) !== 47 /* / */) return 'not-origin-form';
  // No request target has one, and what servers behind would make of it is anyone's guess.
  if (url.includes('#')) return 'fragment';
  const mark = url.indexOf('?');
  const rawPath = mark === -1 ? url : url.slice(0, mark);
  const rawQuery = mark === -1 ? '' : url.slice(mark);
  if (!SUSPECT.test(rawPath)) return { rawPath, rawQuery, path: rawPath };

  let decoded: string;
  try {
    decoded = decodeURIComponent(rawPath);
  } catch {
    return 'percent-encoding';
  }
  if (decoded.includes('\\')) return 'backslash';
  if (decoded.includes('\0')) return 'nul';
  if (/(^|\/)\.{1,2}(?=\/|$)/.test(decoded)) return 'dot-segment';
  return { rawPath, rawQuery, path: decoded.replace(/\/{2,}/g, '/') };
}
