/** `WWW-Authenticate` values (RFC 6750, section 3). Basic is never offered: browsers would send it by themselves. */

/** No credential came: RFC 6750 wants no error code then. */
export const CHALLENGE = 'Bearer realm="mlflow"';
/** A credential came and cannot be used. */
export const CHALLENGE_INVALID_TOKEN = `${CHALLENGE}, error="invalid_token"`;

/** The key is valid and lacks a scope. */
export function insufficientScopeChallenge(scope: string): string {
  return `${CHALLENGE}, error="insufficient_scope", scope="${scope}"`;
}
