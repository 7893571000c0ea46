import { ERROR_CATALOGUE, type ErrorName } from '../contracts/errors/error-codes.js';
import { SERVER_ERRORS } from '../contracts/errors/server-error-codes.js';

/** Why a request to MLflow failed, where that is the fault of this deployment and not of the request. */
export const FAILURE_CAUSES = [
  'auth_outage',
  'limit_store',
  'upstream',
  'overloaded',
  'draining',
  'internal',
] as const;

export type FailureCause = (typeof FAILURE_CAUSES)[number];

/** Null for problems that are the request's own fault, and for problems that no request to MLflow gets. */
const CAUSES: Readonly<Record<keyof typeof SERVER_ERRORS, FailureCause | null>> = {
  'internal-error': 'internal',
  'transfer-encoding-not-supported': null,
  'mlflow-unreachable': 'upstream',
  'answer-unreadable': 'upstream',
  'lookup-unavailable': 'upstream',
  'auth-service-unavailable': 'auth_outage',
  'key-check-unavailable': 'auth_outage',
  // Caused by an administrator who changed a key.
  'key-rights-reduced': null,
  overloaded: 'overloaded',
  'rate-limit-store-unavailable': 'limit_store',
  'invalidation-not-shared': null,
  'not-ready': 'draining',
  'mlflow-timeout': 'upstream',
  'mlflow-sign-in': 'upstream',
  // Anybody can send the header that reveals a loop.
  'loop-detected': null,
};

/** Undefined for a problem that is no failure of this deployment: all of status 400 to 499 are none. */
export function failureCause(problem: ErrorName): FailureCause | undefined {
  return isServerError(problem) ? (CAUSES[problem] ?? undefined) : undefined;
}

function isServerError(problem: ErrorName): problem is keyof typeof SERVER_ERRORS {
  return ERROR_CATALOGUE[problem].status >= 500;
}
