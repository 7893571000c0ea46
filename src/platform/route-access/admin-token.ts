import type { IncomingMessage } from 'node:http';
import { ProblemError } from '../../lib/problem-error.js';
import { bearerToken, isOneOf } from '../../lib/secrets.js';
import type { Logger } from '../logging/logger.js';
import { contextOf } from '../request/request-context.js';

/**
 * Guards an administrative route of a server. A wrong token is logged and not limited: the right one has to get through
 * whatever its neighbours on one address try, or a revocation waits for them.
 *
 * @param tokens the tokens that open it; none closes it so well that it does not seem to exist
 * @throws ProblemError `endpoint-not-found` without tokens, `admin-token-required` for any other caller
 */
export function requireAdminToken(
  request: IncomingMessage,
  tokens: readonly string[],
  logger: Pick<Logger, 'warn'>,
): void {
  if (tokens.length === 0) throw new ProblemError('endpoint-not-found');
  const { authorization } = request.headers;
  if (isOneOf(bearerToken(authorization) ?? '', tokens)) return;
  if (authorization !== undefined) {
    const { requestId, clientIp } = contextOf(request);
    logger.warn('admin_auth_failed', { request_id: requestId, client_ip: clientIp });
  }
  throw new ProblemError('admin-token-required', {
    headers: { 'www-authenticate': 'Bearer realm="admin"' },
    reason: authorization === undefined ? 'admin token missing' : 'admin token wrong',
  });
}
