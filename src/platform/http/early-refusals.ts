import type { IncomingMessage } from 'node:http';
import { ROUTE_METRICS } from '../../contracts/routes.js';
import { ProblemError } from '../../lib/problem-error.js';
import type { ServerConfig } from '../config/server.config.js';
import type { RequestContext } from '../request/request-context.js';

/** Whether a request may come without TLS, from inside the network. */
export type AskedDirectly = (request: IncomingMessage, path: string) => boolean;

/** Load balancers and Prometheus reach each replica of either server itself, inside the network and without TLS. */
const askedByOperators: AskedDirectly = (_request, path) =>
  path.startsWith('/health') || path === ROUTE_METRICS;

/**
 * What needs no route to be refused; undefined for all that may go on.
 *
 * @param askedDirectly routes of the program that may be asked without TLS, besides health and metrics
 */
export function refuseEarly(
  request: IncomingMessage,
  context: RequestContext,
  config: ServerConfig,
  askedDirectly?: AskedDirectly,
): ProblemError | undefined {
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
  if (!askedByOperators(request, path) && !askedDirectly?.(request, path))
    return new ProblemError('https-required');
  return undefined;
}
