/** `WWW-Authenticate` values (RFC 6750, section 3). Basic is never offered: browsers would send it by themselves. */

/** The request has no credential: RFC 6750 wants no error code then. */
export const CHALLENGE = 'Bearer realm="mlflow"';
/** The request has a credential that cannot be used. */
export const CHALLENGE_INVALID_TOKEN = `${CHALLENGE}, error="invalid_token"`;

/** The key is valid and lacks a scope. */
export function insufficientScopeChallenge(scope: string): string {
  return `${CHALLENGE}, error="insufficient_scope", scope="${scope}"`;
}
