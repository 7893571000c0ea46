import {
  AuthenticationError,
  ConfigurationError,
  ConflictError,
  ConnectionError,
  DETAIL_AUTH_SERVICE_UNAVAILABLE,
  HokusaiError,
  MlflowError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
  ServiceUnavailableError,
  TimeoutError,
  ValidationError,
} from '../sdk/index.js';
import { CliError } from './cli-error.js';
import { EXIT, type ExitCode } from './exit-codes.js';

/** Any error, described for the person at the terminal. */
export function describeError(error: unknown): CliError {
  if (error instanceof CliError) return error;
  if (error instanceof HokusaiError)
    return new CliError(messageOf(error), {
      exitCode: exitCodeOf(error),
      next: nextOf(error),
      requestId: error.requestId,
      cause: error,
    });
  const message = error instanceof Error ? error.message : String(error);
  return new CliError(`Unexpected error: ${message}`, {
    next: 'Try again; if it keeps happening, report this message.',
    cause: error,
  });
}

function exitCodeOf(error: HokusaiError): ExitCode {
  if (error instanceof ConfigurationError || error instanceof ValidationError) return EXIT.usage;
  if (error instanceof AuthenticationError || error instanceof PermissionDeniedError) return EXIT.refused;
  if (error instanceof NotFoundError) return EXIT.notFound;
  if (error instanceof ConflictError) return EXIT.conflict;
  if (error instanceof RateLimitError) return EXIT.rateLimited;
  if (isUnavailable(error)) return EXIT.unavailable;
  return error instanceof MlflowError && (error.status ?? 0) >= 500 ? EXIT.unavailable : EXIT.failure;
}

function messageOf(error: HokusaiError): string {
  if (error instanceof ValidationError && error.fields.length > 0)
    return error.fields.map(({ field, message }) => `${optionOf(field)}: ${message}`).join('; ');
  // Only the first part of a message for REST clients is used, without its advice: the CLI has its own advice.
  if (
    error instanceof AuthenticationError ||
    error instanceof NotFoundError ||
    error instanceof ConflictError
  )
    return error.message.split(/(?<=\.) /)[0] ?? error.message;
  if (isUnavailable(error)) return unavailableMessage(error);
  return error.message;
}

/** The commands talk to the authentication service alone, so that is what is unavailable. */
function isUnavailable(error: HokusaiError): boolean {
  return (
    error instanceof ServiceUnavailableError ||
    error instanceof TimeoutError ||
    error instanceof ConnectionError
  );
}

function unavailableMessage(error: HokusaiError): string {
  const code = error instanceof ConnectionError ? causeCodeOf(error) : undefined;
  const said = error.message === DETAIL_AUTH_SERVICE_UNAVAILABLE ? '' : `: ${error.message}`;
  return `${DETAIL_AUTH_SERVICE_UNAVAILABLE}${said}${code === undefined ? '' : ` (${code})`}`;
}

/** Options whose names differ from those of their fields. */
const OPTIONS: Readonly<Record<string, string>> = {
  scopes: '--scope',
  allowed_ips: '--allowed-ip',
  rate_limit_per_hour: '--rate-limit',
  overlap_seconds: '--overlap',
};

function optionOf(field: string): string {
  const known = Object.hasOwn(OPTIONS, field) ? OPTIONS[field] : undefined;
  return known ?? `--${field.replaceAll('_', '-')}`;
}

function nextOf(error: HokusaiError): string | undefined {
  if (error instanceof ValidationError && error.fields.length > 0) return undefined;
  if (error instanceof AuthenticationError)
    return 'The auth service does not know the admin token that was sent; check HOKUSAI_ADMIN_TOKEN and HOKUSAI_AUTH_SERVICE_URL.';
  if (error instanceof NotFoundError && error.errorCode === 'ENDPOINT_NOT_FOUND')
    return 'The server at this address has no such route, so it is not a compatible auth service; check HOKUSAI_AUTH_SERVICE_URL.';
  if (error instanceof NotFoundError && error.errorCode === undefined)
    return '"hokusai auth list-keys" shows the keys that there are; where that fails too, check HOKUSAI_AUTH_SERVICE_URL.';
  if (error instanceof NotFoundError) return '"hokusai auth list-keys" shows the keys that there are.';
  if (error instanceof ConflictError)
    return '"hokusai auth show-key" tells how the key is; create a new one.';
  if (error instanceof ConnectionError)
    return 'Check HOKUSAI_AUTH_SERVICE_URL and that the service runs; "hokusai doctor" looks at DNS and TLS.';
  if (error instanceof RateLimitError)
    return error.retryAfterSeconds === undefined
      ? 'Wait a minute and repeat.'
      : `Repeat in ${error.retryAfterSeconds} seconds.`;
  return error.troubleshooting;
}

/** The system's own code behind a failed `fetch`, such as ECONNREFUSED. */
function causeCodeOf(error: Error): string | undefined {
  let fault = error.cause as { code?: unknown; cause?: unknown; errors?: unknown[] } | null | undefined;
  for (let depth = 0; fault && depth < 4; depth++) {
    if (typeof fault.code === 'string') return fault.code;
    // An attempt at several addresses fails with an error for each.
    fault = (fault.errors?.[0] ?? fault.cause) as typeof fault;
  }
  return undefined;
}
