import type { IncomingMessage } from 'node:http';
import { ROUTE_AUTHZ } from '../../contracts/http/routes.js';
import { ProblemError } from '../../lib/http/problem-error.js';
import { parseTarget, type RequestTarget } from '../../lib/http/request-target.js';

/** The request that a proxy asks about, as its client sent it. */
export interface OriginalRequest {
  readonly method: string;
  readonly target: RequestTarget;
  /** The proxy says that there is a body and has not sent it along. */
  readonly bodyWithheld: boolean;
}

/** Where proxies say it: nginx and HAProxy by their configuration here, Traefik and Caddy by themselves. */
const FORMS = [
  { method: 'x-original-method', uri: 'x-original-uri' },
  { method: 'x-forwarded-method', uri: 'x-forwarded-uri' },
] as const;
/** A proxy that keeps the body to itself may say how long it is. */
const WITHHELD_LENGTH = 'x-original-content-length';
const WITHHELD_CODING = 'x-original-transfer-encoding';
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/**
 * Reads what a trusted proxy asks about: from one pair of headers, or as Envoy asks, with the method itself and the path
 * behind `/authz`. The headers of two forms together come from a client, and are refused.
 *
 * @throws ProblemError `bad-request` where it cannot be told, `invalid-path` for a target that no request may have
 */
export function originalRequest(request: IncomingMessage): OriginalRequest {
  const [form, another] = FORMS.filter(({ method, uri }) => has(request, method) || has(request, uri));
  const url = request.url ?? '';
  const behind = url.slice(ROUTE_AUTHZ.length);
  const isBare = behind === '' || behind === '/' || behind.startsWith('?') || behind.startsWith('/?');
  if (another !== undefined || (form !== undefined && !isBare)) throw unclear('two forms');
  if (form === undefined && isBare) throw unclear('none');
  const method = form === undefined ? (request.method ?? '') : once(request, form.method);
  if (!METHODS.has(method)) throw unclear('method');
  const target = parseTarget(form === undefined ? behind : once(request, form.uri));
  if (typeof target === 'string') throw new ProblemError('invalid-path', { reason: target });
  return { method, target, bodyWithheld: saysWithheld(request) };
}

function has(request: IncomingMessage, name: string): boolean {
  return request.headers[name] !== undefined;
}

/** Node joins the values of a repeated header; neither can be trusted. */
function once(request: IncomingMessage, name: string): string {
  const { rawHeaders } = request;
  let found: string | undefined;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if ((rawHeaders[i] as string).toLowerCase() !== name) continue;
    if (found !== undefined) throw unclear(`${name} twice`);
    found = rawHeaders[i + 1];
  }
  if (found === undefined || found === '') throw unclear(`no ${name}`);
  return found;
}

function saysWithheld(request: IncomingMessage): boolean {
  const { headers } = request;
  const length = headers[WITHHELD_LENGTH];
  const coding = headers[WITHHELD_CODING];
  return (length !== undefined && length !== '' && length !== '0') || (coding !== undefined && coding !== '');
}

function unclear(reason: string): ProblemError {
  return new ProblemError('bad-request', {
    message:
      'It cannot be told which request this question is about. Send X-Original-Method and X-Original-URI, or X-Forwarded-Method and X-Forwarded-Uri, once and of one form, or ask at /authz followed by the path.',
    reason: `authz: ${reason}`,
  });
}
