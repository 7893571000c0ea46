import { QUERY_API_KEY } from '../../contracts/http/headers.js';
import { KEY_IN_URL, KEY_TO_END, MAY_HOLD_KEY } from '../keys/key-pattern.js';
import type { RequestTarget } from './request-target.js';

const MAX_LENGTH = 2048;

const SECRET_NAME = new RegExp(`${QUERY_API_KEY}|token|key|secret|password|auth|credential|\\bsig`, 'i');

/**
 * Path and query for a log: without keys, without the values of parameters whose names sound secret, and of bounded
 * length. It is cut before it is searched, so that a long target cannot make the search slow.
 */
export function redactedTarget({ rawPath, rawQuery }: RequestTarget): string {
  let path = rawPath.slice(0, MAX_LENGTH);
  let query = rawQuery.slice(0, MAX_LENGTH);
  if (path.includes('=')) path = withoutSecrets(path, /([/;])/);
  if (query !== '' && (query.includes('%') || SECRET_NAME.test(query)))
    query = withoutSecrets(query, /([?&;])/);
  return withoutKeys((path + query).slice(0, MAX_LENGTH));
}

/** Values of parameters whose names sound secret are left out, wherever a reader might see a parameter begin. */
function withoutSecrets(text: string, separators: RegExp): string {
  return text
    .split(separators)
    .map((part) => {
      const mark = part.indexOf('=');
      const name = part.slice(0, Math.max(0, mark));
      return SECRET_NAME.test(decoded(name)) ? `${name}=REDACTED` : part;
    })
    .join('');
}

/** A key that was pasted into a URL is left out of the log. In a percent-encoded part, everything from the key on is left out. */
function withoutKeys(text: string): string {
  if (!text.includes('%')) return MAY_HOLD_KEY.test(text) ? text.replace(KEY_IN_URL, 'REDACTED') : text;
  return text
    .split(/([/?&;=])/)
    .map((part) => {
      const plain = decoded(part);
      const cleaned = plain.replace(KEY_TO_END, 'REDACTED');
      return cleaned === plain ? part : cleaned;
    })
    .join('');
}

/** Decodes letters, digits and punctuation; unlike `decodeURIComponent` it accepts any string. */
function decoded(text: string): string {
  if (!text.includes('%')) return text;
  return text.replace(/%([2-7][0-9a-f])/gi, (_all, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}
