import {
  HEADER_LEGACY_LIMIT,
  HEADER_LEGACY_REMAINING,
  HEADER_LEGACY_RESET,
  HEADER_RATELIMIT,
  HEADER_RATELIMIT_POLICY,
  HEADER_REQUEST_ID,
} from '../../../contracts/http/headers.js';
import {
  privateCacheControl,
  rewriteLocation,
  rewriteSetCookie,
  VARY_CREDENTIALS,
  type AnswerPlace,
  type UpstreamPlace,
} from './answer-rewrite.js';
import { HOP_BY_HOP, ruleByName } from './header-rules.js';
import { connectionNames, without } from './request-headers.js';

/** The head of MLflow's answer as its client gets it. */
export interface AnswerHead {
  /** Flat name-value pairs in MLflow's order and spelling, the gateway's own at the end. */
  readonly headers: string[];
  /** Whether MLflow sent a `Date`; where not, the server adds one. */
  readonly dated: boolean;
}

const enum Rule {
  Pass,
  Drop,
  Connection,
  Location,
  SetCookie,
  CacheControl,
  Date,
}

const RULES = new Map<string, Rule>([
  ['connection', Rule.Connection],
  ['location', Rule.Location],
  ['set-cookie', Rule.SetCookie],
  ['cache-control', Rule.CacheControl],
  ['date', Rule.Date],
  ...[
    ...HOP_BY_HOP,
    // The gateway's own word stands on every answer.
    HEADER_REQUEST_ID,
    HEADER_RATELIMIT,
    HEADER_RATELIMIT_POLICY,
    HEADER_LEGACY_LIMIT,
    HEADER_LEGACY_REMAINING,
    HEADER_LEGACY_RESET,
    // Would override Cache-Control in shared caches (RFC 9213).
    'surrogate-control',
    'cdn-cache-control',
  ].map((name) => [name, Rule.Drop] as const),
]);

const ruleOf = ruleByName(
  (name) => RULES.get(name) ?? (name.endsWith('-cdn-cache-control') ? Rule.Drop : Rule.Pass),
);

/**
 * Headers for the client in one pass.
 *
 * @param raw MLflow's headers, flat, in the bytes that MLflow sent; read as latin1, as HTTP/1.1 has them
 *
 * Hot path: docs/decisions/0021-nothing-waits-or-is-done-twice.md.
 */
export function answerHeaders(
  raw: readonly (Buffer | string)[],
  upstream: UpstreamPlace,
  place: AnswerPlace,
): AnswerHead {
  const headers: string[] = [];
  let cacheControl = '';
  let dated = false;
  let listed: string[] | undefined;
  for (let i = 0; i < raw.length; i += 2) {
    const name = latin1(raw[i]);
    const value = latin1(raw[i + 1]);
    switch (ruleOf(name)) {
      case Rule.Pass:
        headers.push(name, value);
        break;
      case Rule.Drop:
        break;
      case Rule.Connection:
        listed = connectionNames(value, listed);
        break;
      case Rule.Location:
        headers.push(name, rewriteLocation(value, upstream, place));
        break;
      case Rule.SetCookie:
        headers.push(name, rewriteSetCookie(value, upstream, place.mount));
        break;
      case Rule.CacheControl:
        cacheControl += cacheControl === '' ? value : `,${value}`;
        break;
      case Rule.Date:
        dated = true;
        headers.push(name, value);
        break;
    }
  }
  const kept = listed === undefined ? headers : without(headers, listed);
  kept.push('Cache-Control', privateCacheControl(cacheControl), 'Vary', VARY_CREDENTIALS);
  return { headers: kept, dated };
}

/** Fields that frame or route a message have no meaning after it (RFC 9110, 6.5.1). */
const NO_TRAILER =
  /^(?:content-(?:length|encoding|type|range)|host|authorization|set-cookie|cache-control|vary)$/i;

/** Trailers for the client, as name-value pairs. */
export function answerTrailers(raw: readonly (Buffer | string)[]): [string, string][] {
  const trailers: [string, string][] = [];
  for (let i = 0; i < raw.length; i += 2) {
    const name = latin1(raw[i]);
    if (ruleOf(name) === Rule.Pass && !NO_TRAILER.test(name)) trailers.push([name, latin1(raw[i + 1])]);
  }
  return trailers;
}

function latin1(part: Buffer | string | undefined): string {
  return typeof part === 'object' ? part.toString('latin1') : (part ?? '');
}

// A status text with other bytes would make the whole head unsendable.
const PRINTABLE = /^[\t\x20-\x7e]*$/;

/** The status text to send on: MLflow's own, or none where it cannot be sent. */
export function answerStatusText(text: string | undefined): string {
  return text !== undefined && PRINTABLE.test(text) ? text : '';
}
