import type { IncomingHttpHeaders } from 'node:http';
import { HEADER_MLFLOW_AUTHORIZATION, KEY_HEADERS, QUERY_API_KEY } from '../../../contracts/http/headers.js';
import { hasKeyFormat } from '../../../lib/keys/key-pattern.js';
import type { CredentialSource } from '../../principal/principal.js';

/** The key of a request, and where it was found. */
export interface Credential {
  readonly key: string;
  readonly source: CredentialSource;
}

/** Why a request has no usable credential. */
export type CredentialFault = 'missing' | 'malformed' | 'conflicting';

/** What of a request is read. */
export interface CredentialCarrier {
  readonly headers: IncomingHttpHeaders;
  /** Names and values alternating: Node drops a second `Authorization` from `headers`. */
  readonly rawHeaders: readonly string[];
}

const LONGEST_KEY = 1024;
// Visible ASCII without quotes and commas: the keys of all issuers consist of these characters, and a header can carry
// them.
const KEY_TEXT = /^[!#-+\--~]+$/;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/**
 * Finds the one key of a request. `X-MLflow-Authorization` alone is read where it is present.
 *
 * @param rawQuery the query with its `?` if a key in it is accepted, otherwise empty
 */
export function readCredential(request: CredentialCarrier, rawQuery: string): Credential | CredentialFault {
  const { headers } = request;
  const own = headers[HEADER_MLFLOW_AUTHORIZATION] as string | undefined;
  if (own !== undefined) {
    const found = readAuthorization(own);
    return typeof found === 'string' ? found : { key: found.key, source: 'x-mlflow-authorization' };
  }
  const { authorization } = headers;
  let found: Credential | CredentialFault =
    authorization === undefined ? 'missing' : readAuthorization(authorization);
  if (authorization !== undefined && repeatsAuthorization(request.rawHeaders)) {
    for (const value of authorizationsOf(request.rawHeaders))
      found = combine(found, readAuthorization(value));
  }
  for (const name of KEY_HEADERS) {
    const value = headers[name] as string | undefined;
    if (value !== undefined) found = combine(found, readKeys(value, name));
  }
  if (rawQuery.includes(QUERY_API_KEY)) found = combine(found, readQuery(rawQuery));
  return found;
}

/** If two places have the same key, the first place counts. */
function combine(
  first: Credential | CredentialFault,
  second: Credential | CredentialFault,
): Credential | CredentialFault {
  if (first === 'missing') return second;
  if (second === 'missing') return first;
  if (first === 'conflicting' || second === 'conflicting') return 'conflicting';
  if (first === 'malformed' || second === 'malformed') return 'malformed';
  return first.key === second.key ? first : 'conflicting';
}

const BEARER = 'Bearer ';
const API_KEY = 'ApiKey ';
const BASIC = 'Basic ';

/** A value in the forms of `Authorization`; schemes are case-insensitive (RFC 9110, 11.1). */
function readAuthorization(value: string): Credential | CredentialFault {
  if (hasScheme(value, BEARER)) return credential(value.slice(BEARER.length).trim(), 'bearer');
  if (hasScheme(value, API_KEY)) return credential(value.slice(API_KEY.length).trim(), 'api-key-scheme');
  if (hasScheme(value, BASIC)) return readBasic(value.slice(BASIC.length).trim());
  return hasKeyFormat(value) ? credential(value, 'raw-authorization') : 'malformed';
}

function hasScheme(value: string, scheme: string): boolean {
  if (value.startsWith(scheme)) return true;
  return value.slice(0, scheme.length).toLowerCase() === scheme.toLowerCase();
}

/** The password is the key; the user name is ignored (RFC 7617: it ends at the first colon). */
function readBasic(encoded: string): Credential | CredentialFault {
  if (encoded.length > 2 * LONGEST_KEY || !BASE64.test(encoded)) return 'malformed';
  const pair = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  return colon === -1 ? 'malformed' : credential(pair.slice(colon + 1), 'basic');
}

/** Node joins repeated headers by commas, which no key contains. */
function readKeys(value: string, source: CredentialSource): Credential | CredentialFault {
  if (!value.includes(',')) return credential(value, source);
  return value
    .split(',')
    .map((part) => credential(part.trim(), source))
    .reduce(combine);
}

function readQuery(rawQuery: string): Credential | CredentialFault {
  return new URLSearchParams(rawQuery)
    .getAll(QUERY_API_KEY)
    .map((value) => credential(value, 'query'))
    .reduce<Credential | CredentialFault>(combine, 'missing');
}

/** Whether a string can be a key of any issuer, and be sent in a header. */
export function isKeyText(text: string): boolean {
  return text.length <= LONGEST_KEY && KEY_TEXT.test(text);
}

function credential(key: string, source: CredentialSource): Credential | CredentialFault {
  return isKeyText(key) ? { key, source } : 'malformed';
}

// Hot path: docs/decisions/0021-nothing-waits-or-is-done-twice.md.
function isAuthorization(name: string): boolean {
  return name.length === 13 && (name.charCodeAt(0) | 32) === 97 && name.toLowerCase() === 'authorization';
}

function repeatsAuthorization(rawHeaders: readonly string[]): boolean {
  let seen = false;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (!isAuthorization(rawHeaders[index] as string)) continue;
    if (seen) return true;
    seen = true;
  }
  return false;
}

function authorizationsOf(rawHeaders: readonly string[]): string[] {
  return rawHeaders.filter(
    (_value, index) => index % 2 === 1 && isAuthorization(rawHeaders[index - 1] as string),
  );
}
