import { ACCESS_ERRORS } from './access-error-codes.js';
import type { CatalogueEntry } from './catalogue-entry.js';
import { SERVER_ERRORS } from './server-error-codes.js';

/**
 * The error catalogue: the only source of statuses, MLflow error codes and texts.
 * `docs/errors.md` lists the same entries and a test compares the two both ways.
 */

export type { CatalogueEntry };

export const ERROR_TYPE_BASE = 'https://docs.hokus.ai/errors/';

export const ERROR_CATALOGUE = {
  'bad-request': {
    status: 400,
    errorCode: 'BAD_REQUEST',
    title: 'Bad request',
    detail: 'The request is not valid',
    advice: 'Correct the request and send it again.',
  },
  'ambiguous-path': {
    status: 400,
    errorCode: 'BAD_REQUEST',
    title: 'Ambiguous path',
    detail: 'The request path can be read in two ways',
    advice: 'Remove doubled slashes from the path.',
  },
  'ambiguous-request': {
    status: 400,
    errorCode: 'BAD_REQUEST',
    title: 'Ambiguous request',
    detail: 'The request can be read in two ways',
    advice:
      'For API keys with grants, name each thing once, in its plain form: a JSON object in UTF-8 with "Content-Type: application/json", no member or parameter twice, ids as MLflow writes them.',
  },
  'invalid-path': {
    status: 400,
    errorCode: 'BAD_REQUEST',
    title: 'Invalid path',
    detail: 'The request path is not valid',
    advice:
      'Remove dot segments, backslashes, NUL bytes and broken percent-encoding from the path, and send it in origin form.',
  },
  'conflicting-credentials': {
    status: 400,
    errorCode: 'BAD_REQUEST',
    title: 'Conflicting API keys',
    detail: 'Different API keys in one request',
    advice: 'Send one API key, in one place: the Authorization header is enough.',
  },
  'invalid-fields': {
    status: 400,
    errorCode: 'INVALID_PARAMETER_VALUE',
    title: 'Invalid fields',
    detail: 'The request has invalid fields',
    advice: 'Correct the fields listed in "errors" and send the request again.',
  },
  'api-key-required': {
    status: 401,
    errorCode: 'UNAUTHENTICATED',
    title: 'API key required',
    detail: 'API key required',
    advice: 'Set MLFLOW_TRACKING_TOKEN to your API key, or send it as "Authorization: Bearer <key>".',
  },
  'invalid-api-key': {
    status: 401,
    errorCode: 'UNAUTHENTICATED',
    title: 'Invalid API key',
    detail: 'Invalid or expired API key',
    advice: 'Check MLFLOW_TRACKING_TOKEN, or ask your key administrator for a new key.',
  },
  'session-ended': {
    status: 401,
    errorCode: 'UNAUTHENTICATED',
    title: 'Session ended',
    detail: 'Your session has ended',
    advice: 'Sign in again; if that is refused, ask your key administrator for a new key.',
  },
  'malformed-credential': {
    status: 401,
    errorCode: 'UNAUTHENTICATED',
    title: 'Malformed credential',
    detail: 'The credential could not be read',
    advice: 'Send the API key as "Authorization: Bearer <key>", without quotes or line breaks.',
  },
  'admin-token-required': {
    status: 401,
    errorCode: 'UNAUTHENTICATED',
    title: 'Admin token required',
    detail: 'Admin token required',
    advice: 'Send an admin token as "Authorization: Bearer <token>".',
  },
  'metrics-token-required': {
    status: 401,
    errorCode: 'UNAUTHENTICATED',
    title: 'Metrics token required',
    detail: 'Metrics token required',
    advice: 'Send the metrics token as "Authorization: Bearer <token>".',
  },
  'insufficient-scope': {
    status: 403,
    errorCode: 'PERMISSION_DENIED',
    title: 'Insufficient scope',
    detail: 'The API key lacks a required scope',
    advice: 'Ask your key administrator for a key with the scope mlflow:access.',
  },
  'address-not-allowed': {
    status: 403,
    errorCode: 'PERMISSION_DENIED',
    title: 'Address not allowed',
    detail: 'The API key may not be used from this address',
    advice: 'Use the key from an allowed network, or ask your key administrator to allow this one.',
  },
  'key-forbidden': {
    status: 403,
    errorCode: 'PERMISSION_DENIED',
    title: 'Key not permitted',
    detail: 'The authentication service does not permit this API key here',
    advice: 'Ask your key administrator which services and networks this key may be used for.',
  },
  'resource-forbidden': {
    status: 403,
    errorCode: 'PERMISSION_DENIED',
    title: 'Not granted',
    detail: 'The API key has no grant for what the request names, or it does not exist',
    advice: 'Ask your key administrator for a grant, and check the id.',
  },
  'call-forbidden': {
    status: 403,
    errorCode: 'PERMISSION_DENIED',
    title: 'Call closed to keys with grants',
    detail: 'This call of MLflow is not open to API keys with grants',
    advice:
      'No grant can allow it. Use another call, or ask your key administrator for a key without grants.',
  },
  'grants-required': {
    status: 403,
    errorCode: 'PERMISSION_DENIED',
    title: 'Grants required',
    detail: 'This gateway opens MLflow only to API keys with grants',
    advice: 'Ask your key administrator to give the key grants.',
  },
  'endpoint-forbidden': {
    status: 403,
    errorCode: 'PERMISSION_DENIED',
    title: 'Endpoint refused',
    detail: "MLflow's assistant API is not available through this gateway",
    advice: 'It can run commands on the MLflow host; ask the operator if you need it.',
  },
  'cross-site-request': {
    status: 403,
    errorCode: 'PERMISSION_DENIED',
    title: 'Cross-site request refused',
    detail: 'Cross-site requests with browser credentials are refused',
    advice: "Open the page from the gateway's own address, or send the API key as a Bearer token.",
  },
  ...ACCESS_ERRORS,
  'https-required': {
    status: 403,
    errorCode: 'PERMISSION_DENIED',
    title: 'HTTPS required',
    detail: 'HTTPS is required',
    advice: 'Use an https:// address, and consider a key sent over plain HTTP as exposed: rotate it.',
  },
  'endpoint-not-found': {
    status: 404,
    errorCode: 'ENDPOINT_NOT_FOUND',
    title: 'Endpoint not found',
    detail: 'No such endpoint on this server',
    advice: 'MLflow is served under /api/mlflow and /mlflow; check MLFLOW_TRACKING_URI.',
  },
  'unknown-endpoint': {
    status: 404,
    errorCode: 'ENDPOINT_NOT_FOUND',
    title: 'Unknown endpoint',
    detail: 'This gateway does not know the MLflow endpoint',
    advice:
      'Check the path; endpoints that are newer than the gateway need a key with the scope mlflow:access.',
  },
  'resource-not-found': {
    status: 404,
    errorCode: 'RESOURCE_DOES_NOT_EXIST',
    title: 'Not found',
    detail: 'No such resource',
    advice: 'Check the id in the path.',
  },
  'method-not-allowed': {
    status: 405,
    errorCode: 'BAD_REQUEST',
    title: 'Method not allowed',
    detail: 'The method is not allowed here',
    advice: 'Use a method listed in the Allow header.',
  },
  'request-timeout': {
    status: 408,
    errorCode: 'BAD_REQUEST',
    title: 'Request time-out',
    detail: 'The request did not arrive in time',
    advice: 'Check the connection and send the request again.',
  },
  conflict: {
    status: 409,
    errorCode: 'RESOURCE_CONFLICT',
    title: 'Conflict',
    detail: 'The key is not in a state that allows this',
    advice: 'Look at the key again; an expired or revoked key cannot be changed, create a new one.',
  },
  'endpoint-removed': {
    status: 410,
    errorCode: 'ENDPOINT_NOT_FOUND',
    title: 'Endpoint removed',
    detail: 'Key management has moved to the authentication service',
    advice: 'Use /api/v1/keys of the authentication service (HOKUSAI_AUTH_SERVICE_URL).',
  },
  'payload-too-large': {
    status: 413,
    errorCode: 'BAD_REQUEST',
    title: 'Body too large',
    detail: 'The request body is too large',
    advice: 'Send a smaller body.',
  },
  'request-too-large': {
    status: 413,
    errorCode: 'BAD_REQUEST',
    title: 'Too large to be checked',
    detail: 'The request body is too large to be checked against the grants of the API key',
    advice: 'Send less in one request, or ask the operator to raise ACCESS_MAX_BODY_BYTES.',
  },
  'unsupported-media-type': {
    status: 415,
    errorCode: 'BAD_REQUEST',
    title: 'Unsupported media type',
    detail: 'The request body is not JSON',
    advice: 'Send JSON with "Content-Type: application/json", uncompressed.',
  },
  'rate-limited': {
    status: 429,
    errorCode: 'REQUEST_LIMIT_EXCEEDED',
    title: 'Rate limit exceeded',
    detail: 'Rate limit exceeded',
    advice: 'Wait for the seconds in Retry-After, then go on; the MLflow client does so by itself.',
  },
  'too-many-failed-attempts': {
    status: 429,
    errorCode: 'REQUEST_LIMIT_EXCEEDED',
    title: 'Too many failed attempts',
    detail: 'Too many refused API keys from this address',
    advice: 'Check the key, and wait for the seconds in Retry-After before you try again.',
  },
  'key-overloaded': {
    status: 429,
    errorCode: 'REQUEST_LIMIT_EXCEEDED',
    title: 'Too many requests under way',
    detail: 'This API key has too many requests under way',
    advice:
      'Send fewer at once, or wait for the seconds in Retry-After; the MLflow client does so by itself.',
  },
  'connection-overloaded': {
    status: 429,
    errorCode: 'REQUEST_LIMIT_EXCEEDED',
    title: 'Too many requests on one connection',
    detail: 'Too many requests are under way on this connection',
    advice: 'Wait for answers before you send more on one connection, or use several connections.',
  },
  'headers-too-large': {
    status: 431,
    errorCode: 'BAD_REQUEST',
    title: 'Headers too large',
    detail: 'The request line or headers are too large',
    advice: 'Send less than 128 KiB of request line and headers together, and fewer than 1,000 headers.',
  },
  ...SERVER_ERRORS,
} as const satisfies Record<string, CatalogueEntry>;

/** Name of a catalogue entry, the last path segment of its `type` URI. */
export type ErrorName = keyof typeof ERROR_CATALOGUE;
