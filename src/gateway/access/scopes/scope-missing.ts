import { SCOPE_ADMIN, SCOPE_MLFLOW_ACCESS } from '../../../contracts/access/scopes.js';
import { ProblemError } from '../../../lib/http/problem-error.js';
import { insufficientScopeChallenge } from '../../auth/credential/challenges.js';

/** A 403 that names what is missing, in words and in its challenge (RFC 6750, 3.1). */
export function scopeMissing(scope: string): ProblemError {
  const names = scope.replaceAll(' ', ' and ');
  const includes =
    scope === SCOPE_MLFLOW_ACCESS || scope === SCOPE_ADMIN
      ? ''
      : `, or with ${SCOPE_MLFLOW_ACCESS}, which includes it`;
  return new ProblemError('insufficient-scope', {
    message: `The API key lacks a required scope: ${names}. Ask your key administrator for a key with it${includes}.`,
    headers: { 'www-authenticate': insufficientScopeChallenge(scope) },
  });
}
