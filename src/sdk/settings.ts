import { SERVICE_ID_ML_PLATFORM } from '../contracts/keys/key-validation.js';
import type { AttemptEvent } from './http/attempt-event.js';
import { ConfigurationError } from './errors.js';
import type { FetchLike } from './http/transport.types.js';
import { transportProblems } from './option-checks.js';
import type { RetryOptions } from './http/retry-policy.js';
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
  readonly trackingUri?: string | URL | undefined;
  /** `HOKUSAI_AUTH_SERVICE_URL`; default `DEFAULT_AUTH_SERVICE_URL`. */
  readonly authServiceUrl?: string | URL | undefined;
  /** The service that keys are for; default `ml-platform`. */
  readonly serviceId?: string | undefined;
  /** `HOKUSAI_MOCK_MODE` (`1` or `true`): an in-memory MLflow in place of the server. */
  readonly mock?: boolean | undefined;
  readonly fetch?: FetchLike | undefined;
  /** Default 120,000; of the authentication service's client 30,000. 0 is no limit; more than 2^31-1 is 2^31-1. */
  readonly timeoutMs?: number | undefined;
  /** The longest answer that is read as JSON, bytes; default 64 MiB. Artifacts are streams and have no limit. */
  readonly maxAnswerBytes?: number | undefined;
  readonly retry?: RetryOptions | undefined;
  /** Called for every attempt, for the caller's own log; its errors are ignored. */
  readonly onAttempt?: ((event: AttemptEvent) => void) | undefined;
  /** Replaces the runtime's environment. */
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
  checkOptions(options);
  const { env } = options;
  const read: ReadEnv = env ? (name) => env[name]?.trim() || undefined : readRuntimeEnv;
  const problems: string[] = [];
  const secret = (option: string, value: string | undefined, names: string[]): string | undefined => {
    const name = value === undefined ? names.find((one) => read(one) !== undefined) : option;
    const found = value === undefined ? name && read(name) : value;
    const problem = found === undefined ? undefined : secretProblem(found);
    if (problem) problems.push(`${name} ${problem}`);
    return found;
  };
  const url = (option: string, value: unknown, name: string, fallback: string): string => {
    const found = textOfUrl(value ?? read(name) ?? fallback);
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
    mock: mockOption(options.mock, problems) ?? mockMode(read('HOKUSAI_MOCK_MODE'), problems),
  };
  // Another tracking server may work without a key; the default registry does not.
  if (
    needs.needsApiKey &&
    !settings.mock &&
    settings.apiKey === undefined &&
    settings.trackingUri === DEFAULT_TRACKING_URI
  )
    problems.push(
      `HOKUSAI_API_KEY (or MLFLOW_TRACKING_TOKEN, or apiKey) must be set for ${DEFAULT_TRACKING_URI}`,
    );
  problems.push(...transportProblems(options));
  if (problems.length > 0) throw new ConfigurationError(problems);
  return settings;
}

/** What is wrong with a key or token as a header value; undefined where nothing is. Never tells the value. */
export function secretProblem(value: unknown): string | undefined {
  if (typeof value !== 'string') return 'must be a string';
  if (value === '') return 'must not be empty';
  if (/^["'].*["']$/.test(value)) return 'must be without the quotes around it';
  // Printable ASCII only (RFC 9110, 5.5); anything else would show up in the runtime's own error text.
  return /^[\x21-\x7e]+$/.test(value)
    ? undefined
    : 'must be without spaces, line breaks and non-ASCII characters';
}

function checkOptions(options: unknown): void {
  if (typeof options === 'object' && options !== null) return;
  throw new ConfigurationError(['the options must be an object such as { apiKey }, or be left out']);
}

/**
 * Checked by shape, not by class, because a `URL` may be from another realm. Anything else is not a string, and so not
 * an address.
 */
function textOfUrl(value: unknown): string {
  const text = typeof value === 'object' && value !== null && 'href' in value ? value.href : value;
  return typeof text === 'string' ? text : '';
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

/** Only `true` counts: a wrong value must not replace a real server by the mock. */
function mockOption(value: unknown, problems: string[]): boolean | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'boolean') problems.push('mock must be true or false');
  return value === true;
}

function mockMode(value: string | undefined, problems: string[]): boolean {
  if (value === undefined || /^(0|false|no|off)$/i.test(value)) return false;
  if (/^(1|true|yes|on)$/i.test(value)) return true;
  problems.push('HOKUSAI_MOCK_MODE must be 1 or 0');
  return false;
}
