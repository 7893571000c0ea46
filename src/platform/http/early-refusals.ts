import type { IncomingMessage } from 'node:http';
import { ROUTE_INVALIDATE, ROUTE_METRICS } from '../../contracts/routes.js';
import { ProblemError } from '../../lib/problem-error.js';
import type { ServerConfig } from '../config/server.config.js';
import type { RequestContext } from '../request/request-context.js';

/** Load balancers, Prometheus and the key service reach each replica itself, inside the network and without TLS. */
function isAskedDirectly({ headers }: IncomingMessage, path: string): boolean {
  if (path.startsWith('/health') || path === ROUTE_METRICS) return true;
  return path === ROUTE_INVALIDATE && headers['x-forwarded-for'] === undefined;
}

/** What needs no route to be refused; undefined for all that may go on. */
export function refuseEarly(
  request: IncomingMessage,
  context: RequestContext,
  config: ServerConfig,
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
  if (config.requireHttps && !context.secure && !isAskedDirectly(request, context.target.path))
    return new ProblemError('https-required');
  return undefined;
}
