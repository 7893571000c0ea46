import { SERVICE_ID_ML_PLATFORM } from '../contracts/key-validation.js';
import { ConfigurationError } from './errors.js';
import type { AttemptEvent, FetchLike } from './http-transport.js';
import type { RetryPolicy } from './retry-policy.js';
import { readRuntimeEnv, type ReadEnv } from './runtime-env.js';

export const DEFAULT_TRACKING_URI = 'https://registry.hokus.ai/api/mlflow';
export const DEFAULT_AUTH_SERVICE_URL = 'https://auth.hokus.ai';

/** Options of every client of this SDK; each one beats its environment variable. */
export interface SdkOptions {
  /** `HOKUSAI_API_KEY`, then `MLFLOW_TRACKING_TOKEN`. */
  readonly apiKey?: string | undefined;
  /** `HOKUSAI_ADMIN_TOKEN`; key management needs it. */
  readonly adminToken?: string | undefined;
  /** `MLFLOW_TRACKING_URI`; default `DEFAULT_TRACKING_URI`. */
  readonly trackingUri?: string | undefined;
  /** `HOKUSAI_AUTH_SERVICE_URL`; default `DEFAULT_AUTH_SERVICE_URL`. */
  readonly authServiceUrl?: string | undefined;
  /** The service that keys are for; default `ml-platform`. */
  readonly serviceId?: string | undefined;
  /** `HOKUSAI_MOCK_MODE` (`1` or `true`): an in-memory MLflow in place of the server. */
  readonly mock?: boolean | undefined;
  readonly fetch?: FetchLike | undefined;
  /** Default 120,000; of the authentication service's client 30,000. 0 is no limit. */
  readonly timeoutMs?: number | undefined;
  readonly retry?: Partial<RetryPolicy> | undefined;
  /** Told of every attempt, for the caller's own log. */
  readonly onAttempt?: ((event: AttemptEvent) => void) | undefined;
  /** In place of the runtime's environment. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

/** Options and environment, checked. Never printed: it holds the secrets. */
export interface Settings {
  readonly apiKey: string | undefined;
  readonly adminToken: string | undefined;
  readonly trackingUri: string;
  readonly authServiceUrl: string;
  readonly serviceId: string;
  readonly mock: boolean;
}

/**
 * Options, then environment, then defaults.
 *
 * @throws ConfigurationError with all problems at once, by name and without values
 */
export function resolveSettings(options: SdkOptions = {}, needs: { needsApiKey?: boolean } = {}): Settings {
  const { env } = options;
  const read: ReadEnv = env ? (name) => env[name]?.trim() || undefined : readRuntimeEnv;
  const problems: string[] = [];
  const secret = (option: string, value: string | undefined, names: string[]): string | undefined => {
    const name = value === undefined ? names.find((one) => read(one) !== undefined) : option;
    const found = value ?? (name && read(name));
    const problem = found === undefined ? undefined : secretProblem(found);
    if (problem) problems.push(`${name} ${problem}`);
    return found;
  };
  const url = (option: string, value: string | undefined, name: string, fallback: string): string => {
    const found = value ?? read(name) ?? fallback;
    const problem = urlProblem(found);
    if (problem) problems.push(`${value === undefined ? name : option} ${problem}`);
    return found.replace(/\/+$/, '');
  };
  const settings = {
    apiKey: secret('apiKey', options.apiKey, ['HOKUSAI_API_KEY', 'MLFLOW_TRACKING_TOKEN']),
    adminToken: secret('adminToken', options.adminToken, ['HOKUSAI_ADMIN_TOKEN']),
    trackingUri: url('trackingUri', options.trackingUri, 'MLFLOW_TRACKING_URI', DEFAULT_TRACKING_URI),
    authServiceUrl: url(
      'authServiceUrl',
      options.authServiceUrl,
      'HOKUSAI_AUTH_SERVICE_URL',
      DEFAULT_AUTH_SERVICE_URL,
    ),
    serviceId: options.serviceId ?? SERVICE_ID_ML_PLATFORM,
    mock: options.mock ?? mockMode(read('HOKUSAI_MOCK_MODE'), problems),
  };
  // Another tracking server may well be open; the registry never is.
  if (
    needs.needsApiKey &&
    !settings.mock &&
    settings.apiKey === undefined &&
    settings.trackingUri === DEFAULT_TRACKING_URI
  )
    problems.push(
      `HOKUSAI_API_KEY (or MLFLOW_TRACKING_TOKEN, or apiKey) must be set for ${DEFAULT_TRACKING_URI}`,
    );
  if (options.timeoutMs !== undefined && !(options.timeoutMs >= 0))
    problems.push('timeoutMs must be 0 (no limit) or a positive number of milliseconds');
  if (problems.length > 0) throw new ConfigurationError(problems);
  return settings;
}

/** What is wrong with a key or token as a header value; undefined where nothing is. Never tells the value. */
export function secretProblem(value: string): string | undefined {
  if (value === '') return 'must not be empty';
  if (/^["'].*["']$/.test(value)) return 'must be without the quotes around it';
  // Printable ASCII only (RFC 9110, 5.5); anything else would show up in the runtime's own error text.
  return /^[\x21-\x7e]+$/.test(value)
    ? undefined
    : 'must be without spaces, line breaks and non-ASCII characters';
}

function urlProblem(value: string): string | undefined {
  let url: URL;
  try {
    url = new URL(value);
  } catch {
    return 'must be an absolute URL such as https://registry.hokus.ai/api/mlflow';
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'must start with https:// or http://';
  if (url.username || url.password)
    return 'must not hold a user name or password; set HOKUSAI_API_KEY instead';
  return url.search || url.hash ? 'must have no query and no fragment' : undefined;
}

function mockMode(value: string | undefined, problems: string[]): boolean {
  if (value === undefined || /^(0|false|no|off)$/i.test(value)) return false;
  if (/^(1|true|yes|on)$/i.test(value)) return true;
  problems.push('HOKUSAI_MOCK_MODE must be 1 or 0');
  return false;
}
