import type { CatalogueEntry } from './catalogue-entry.js';

/** The part of the error catalogue that is not the client's fault: 500 and above. */
export const SERVER_ERRORS = {
  'internal-error': {
    status: 500,
    errorCode: 'INTERNAL_ERROR',
    title: 'Internal error',
    detail: 'The server met an unexpected error',
    advice: 'Try again; if it keeps happening, report the request id.',
  },
  'transfer-encoding-not-supported': {
    status: 501,
    errorCode: 'BAD_REQUEST',
    title: 'Transfer encoding not supported',
    detail: 'Only the transfer encoding "chunked" is supported',
    advice: 'Send the body with Content-Length or chunked.',
  },
  'mlflow-unreachable': {
    status: 502,
    errorCode: 'TEMPORARILY_UNAVAILABLE',
    title: 'MLflow unreachable',
    detail: 'MLflow could not be reached',
    advice: 'Try again in a moment; if it keeps happening, tell the operator of this gateway the request id.',
  },
  'answer-unreadable': {
    status: 502,
    errorCode: 'TEMPORARILY_UNAVAILABLE',
    title: "MLflow's answer could not be read",
    detail: "MLflow's answer could not be reduced to what the API key is granted",
    advice:
      'Ask for less in one request; if it keeps happening, tell the operator of this gateway the request id.',
  },
  'mlflow-sign-in': {
    status: 502,
    errorCode: 'TEMPORARILY_UNAVAILABLE',
    title: 'MLflow refused the gateway',
    detail: 'MLflow asks the gateway for a sign-in of its own',
    advice:
      'Your key was not refused. Tell the operator of this gateway to set MLFLOW_SERVER_TOKEN, or MLFLOW_SERVER_USERNAME and MLFLOW_SERVER_PASSWORD.',
  },
  'auth-service-unavailable': {
    status: 503,
    errorCode: 'TEMPORARILY_UNAVAILABLE',
    title: 'Authentication service unavailable',
    detail: 'Authentication service unavailable',
    advice: 'Your key was not refused. Try again after the seconds in Retry-After.',
  },
  'key-check-unavailable': {
    status: 503,
    // Not one of MLflow's: a gateway reads it, and tells its own clients `auth-service-unavailable`.
    errorCode: 'KEY_CHECK_UNAVAILABLE',
    title: 'Key check unavailable',
    detail: 'This key could not be checked in time',
    advice:
      'The key was not refused, and other keys are not affected. Try again after the seconds in Retry-After.',
  },
  'lookup-unavailable': {
    status: 503,
    errorCode: 'TEMPORARILY_UNAVAILABLE',
    title: 'Look-up unavailable',
    detail: 'MLflow could not be asked what the request is about',
    advice: 'The request was not refused. Try again after the seconds in Retry-After.',
  },
  'key-rights-reduced': {
    status: 503,
    errorCode: 'TEMPORARILY_UNAVAILABLE',
    title: 'Rights reduced',
    detail: 'The API key lost some of its rights while the request was under way',
    advice:
      'Try again after the seconds in Retry-After: the request is then checked against the rights that the key has now.',
  },
  overloaded: {
    status: 503,
    errorCode: 'TEMPORARILY_UNAVAILABLE',
    title: 'Overloaded',
    detail: 'The gateway has too many requests under way',
    advice: 'Try again after the seconds in Retry-After.',
  },
  'rate-limit-store-unavailable': {
    status: 503,
    errorCode: 'TEMPORARILY_UNAVAILABLE',
    title: 'Rate limit store unavailable',
    detail: 'The rate limit could not be checked',
    advice: 'Try again after the seconds in Retry-After.',
  },
  'invalidation-not-shared': {
    status: 503,
    errorCode: 'TEMPORARILY_UNAVAILABLE',
    title: 'Invalidation not shared',
    detail: 'The key is invalidated only on this replica',
    advice:
      'Redis is unavailable, so the other replicas do not know yet: send it again until it is answered with 202.',
  },
  'not-ready': {
    status: 503,
    errorCode: 'TEMPORARILY_UNAVAILABLE',
    title: 'Not ready',
    detail: 'The server is not ready for requests',
    advice: 'Try again after the seconds in Retry-After.',
  },
  'mlflow-timeout': {
    status: 504,
    errorCode: 'DEADLINE_EXCEEDED',
    title: 'MLflow time-out',
    detail: 'MLflow took too long to answer',
    advice: 'Try again; if it keeps happening, tell the operator of this gateway the request id.',
  },
  'loop-detected': {
    status: 508,
    errorCode: 'BAD_REQUEST',
    title: 'Loop detected',
    detail: 'The request has already passed through this gateway',
    advice: 'MLFLOW_SERVER_URL points back at a gateway; point it at MLflow.',
  },
} as const satisfies Record<string, CatalogueEntry>;
