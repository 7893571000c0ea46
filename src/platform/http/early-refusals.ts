import type { IncomingMessage } from 'node:http';
import { ROUTE_METRICS } from '../../contracts/http/routes.js';
import { ProblemError } from '../../lib/http/problem-error.js';
import { viaNames } from '../../lib/network/via.js';
import type { ServerConfig } from '../config/server.config.js';
import type { RequestContext } from '../request/request-context.js';

/** Whether a request may be sent without TLS from inside the network. */
export type AskedDirectly = (request: IncomingMessage, path: string) => boolean;

/** Load balancers and Prometheus call each replica of both servers directly, inside the network and without TLS. */
const askedByOperators: AskedDirectly = (_request, path) =>
  path.startsWith('/health') || path === ROUTE_METRICS;

/** Node keeps this many headers of a request, whichever come first; some versions silently drop the others. */
export const MAX_HEADERS = 1000;

/** The connection has more requests under way than it may; this is its last answer. */
export function tooManyOnConnection(): ProblemError {
  return new ProblemError('connection-overloaded', {
    retryAfterSeconds: 1,
    headers: { connection: 'close' },
  });
}

/** What a program knows of its own routes and name. */
export interface EarlyRules {
  /** Routes that may be asked without TLS, besides health and metrics. */
  readonly askedDirectly?: AskedDirectly | undefined;
  /** The program's name in `Via`, in lower case. */
  readonly viaPseudonym?: string | undefined;
}

/** Whether a request comes from inside the network: without TLS, and not through the proxies in front. */
export function isAskedDirectly(request: IncomingMessage, path: string, rules: EarlyRules): boolean {
  return askedByOperators(request, path) || (rules.askedDirectly?.(request, path) ?? false);
}

/** Refusals that need no route; undefined if the request may go on. */
export function refuseEarly(
  request: IncomingMessage,
  context: RequestContext,
  config: ServerConfig,
  rules: EarlyRules = {},
): ProblemError | undefined {
  // Names and values alternate. At the limit Node may have dropped others, for example a proxy's X-Forwarded-For.
  if (request.rawHeaders.length >= 2 * MAX_HEADERS)
    return new ProblemError('headers-too-large', {
      reason: 'header-count',
      headers: { connection: 'close' },
    });
  const { via } = request.headers;
  // This is checked before the key: the gateway removed the key when the request passed it for the first time.
  if (rules.viaPseudonym !== undefined && via !== undefined && viaNames(via, rules.viaPseudonym))
    return new ProblemError('loop-detected');
  if (context.targetFault !== undefined)
    return new ProblemError('invalid-path', { reason: context.targetFault });
  if (request.headers.host === undefined && request.httpVersion !== '1.0')
    return new ProblemError('bad-request', { reason: 'no-host', headers: { connection: 'close' } });
  if (request.method === 'TRACE')
    return new ProblemError('method-not-allowed', {
      headers: { allow: 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS' },
    });
  const coding = request.headers['transfer-encoding'];
  if (coding !== undefined && coding.toLowerCase() !== 'chunked')
    return new ProblemError('transfer-encoding-not-supported', { headers: { connection: 'close' } });
  if (!config.requireHttps || context.secure) return undefined;
  const { path } = context.target;
  if (!isAskedDirectly(request, path, rules)) return new ProblemError('https-required');
  return undefined;
}
