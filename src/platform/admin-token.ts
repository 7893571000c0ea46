import { ProblemError } from '../lib/problem-error.js';
import { bearerToken, isOneOf } from '../lib/secrets.js';

/**
 * Guards an administrative route of a server.
 *
 * @param tokens the tokens that open it; none closes it so well that it does not seem to exist
 * @throws ProblemError `endpoint-not-found` without tokens, `admin-token-required` for any other caller
 */
export function requireAdminToken(authorization: string | undefined, tokens: readonly string[]): void {
  if (tokens.length === 0) throw new ProblemError('endpoint-not-found');
  if (isOneOf(bearerToken(authorization) ?? '', tokens)) return;
  throw new ProblemError('admin-token-required', {
    headers: { 'www-authenticate': 'Bearer realm="admin"' },
    reason: authorization === undefined ? 'admin token missing' : 'admin token wrong',
  });
}
