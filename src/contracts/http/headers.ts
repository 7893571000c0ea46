/** Header names that two programs, or a program and its clients, agree on. Lower case, as Node has them. */

/** Where an API key may travel besides `Authorization`. */
export const HEADER_API_KEY = 'x-api-key';
export const HEADER_HOKUSAI_API_KEY = 'x-hokusai-api-key';
/** The one place in which Google's client libraries send a key. */
export const HEADER_GOOGLE_API_KEY = 'x-goog-api-key';
/** The one place in which Azure's client libraries send a key. */
export const HEADER_AZURE_API_KEY = 'api-key';
/** MLflow's own convention for its gateway routes: where present, it alone is read. */
export const HEADER_MLFLOW_AUTHORIZATION = 'x-mlflow-authorization';
/** Query parameter that may carry a key where `ALLOW_QUERY_API_KEY=true`. */
export const QUERY_API_KEY = 'api_key';

/**
 * What MLflow's AI gateway takes for a client's own credential, and sends on to the provider of the model
 * (`_CLIENT_AUTH_HEADERS` in its provider base class; a test compares the lists).
 */
export const LLM_CREDENTIAL_HEADERS = [
  'authorization',
  HEADER_API_KEY,
  HEADER_GOOGLE_API_KEY,
  HEADER_AZURE_API_KEY,
] as const;

/** Headers whose whole value is a key. */
export const KEY_HEADERS = [
  HEADER_API_KEY,
  HEADER_HOKUSAI_API_KEY,
  HEADER_GOOGLE_API_KEY,
  HEADER_AZURE_API_KEY,
] as const;

/** Every header that can hold a credential: stripped before the upstream, named in `Vary`. */
export const CREDENTIAL_HEADERS = ['authorization', ...KEY_HEADERS, HEADER_MLFLOW_AUTHORIZATION] as const;

/** Cookie of a browser session; over HTTPS it has a prefix, `__Host-` or `__Secure-`. */
export const SESSION_COOKIE_NAME = 'mlflow_session';
/** Cookie of a session in the key service's console, with a prefix where it is secure. Cookies do not tell ports apart. */
export const CONSOLE_COOKIE_NAME = 'keys_session';
/** Tells the script of MLflow's page what has become of its session: `ended` or `forbidden`. */
export const HEADER_SESSION = 'x-session';

/** Names MLflow's workspace, where it has any; absent, it is `default`. */
export const HEADER_WORKSPACE = 'x-mlflow-workspace';

export const HEADER_REQUEST_ID = 'x-request-id';
/** Identity that the gateway adds upstream; values are percent-encoded. */
export const HEADER_USER_ID = 'x-hokusai-user-id';
export const HEADER_KEY_ID = 'x-hokusai-api-key-id';

/** A refusal of `/authz` as JSON in ASCII, for proxies that drop its body. */
export const HEADER_PROBLEM = 'x-hokusai-problem';

/** Rate-limit headers: the IETF draft's two (draft-ietf-httpapi-ratelimit-headers-11) and the legacy three. */
export const HEADER_RATELIMIT = 'ratelimit';
export const HEADER_RATELIMIT_POLICY = 'ratelimit-policy';
export const HEADER_LEGACY_LIMIT = 'x-ratelimit-limit';
export const HEADER_LEGACY_REMAINING = 'x-ratelimit-remaining';
/** Unix time in seconds at which the tighter policy has room again. */
export const HEADER_LEGACY_RESET = 'x-ratelimit-reset';

/** This gateway's pseudonym in `Via` (RFC 9110, 7.6.3). */
export const VIA_PSEUDONYM = 'mlflow-gateway';
