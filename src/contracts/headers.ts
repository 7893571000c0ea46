/** Header names that two programs, or a program and its clients, agree on. Lower case, as Node has them. */

/** Where an API key may travel besides `Authorization`. */
export const HEADER_API_KEY = 'x-api-key';
export const HEADER_HOKUSAI_API_KEY = 'x-hokusai-api-key';
/** MLflow's own convention for its gateway routes: where present, it alone is read. */
export const HEADER_MLFLOW_AUTHORIZATION = 'x-mlflow-authorization';
/** Query parameter that may carry a key where `ALLOW_QUERY_API_KEY=true`. */
export const QUERY_API_KEY = 'api_key';

/** Every header that can hold a credential: stripped before the upstream, named in `Vary`. */
export const CREDENTIAL_HEADERS = [
  'authorization',
  HEADER_API_KEY,
  HEADER_HOKUSAI_API_KEY,
  HEADER_MLFLOW_AUTHORIZATION,
] as const;

export const HEADER_REQUEST_ID = 'x-request-id';
/** Identity that the gateway adds upstream; values are percent-encoded. */
export const HEADER_USER_ID = 'x-hokusai-user-id';
export const HEADER_KEY_ID = 'x-hokusai-api-key-id';

/** Rate-limit headers: the IETF draft's two (draft-ietf-httpapi-ratelimit-headers-11) and the legacy three. */
export const HEADER_RATELIMIT = 'ratelimit';
export const HEADER_RATELIMIT_POLICY = 'ratelimit-policy';
export const HEADER_LEGACY_LIMIT = 'x-ratelimit-limit';
export const HEADER_LEGACY_REMAINING = 'x-ratelimit-remaining';
/** Unix time in seconds at which the tighter policy has room again. */
export const HEADER_LEGACY_RESET = 'x-ratelimit-reset';

/** This gateway's pseudonym in `Via` (RFC 9110, 7.6.3). */
export const VIA_PSEUDONYM = 'mlflow-gateway';
