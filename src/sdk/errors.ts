import type { FieldProblem } from '../contracts/errors/problem.js';

/** Members that every error of this SDK may carry. No error ever holds a key, a token or a request header. */
export interface HokusaiErrorDetails {
  /** `X-Request-Id` of the answer: what an operator needs to find the request. */
  readonly requestId?: string | undefined;
  /** HTTP status of the answer; absent where there was none. */
  readonly status?: number | undefined;
  /** MLflow's error code of the answer, such as `RESOURCE_DOES_NOT_EXIST`. */
  readonly errorCode?: string | undefined;
  /** What to do about it, in place of the class's own text. */
  readonly troubleshooting?: string | undefined;
  readonly cause?: unknown;
}

/** Base of every error that this SDK throws, except a caller's own abort reason. */
export class HokusaiError extends Error {
  override readonly name: string = 'HokusaiError';
  declare readonly requestId: string | undefined;
  declare readonly status: number | undefined;
  declare readonly errorCode: string | undefined;
  /** What to do about it, as one or two sentences. */
  readonly troubleshooting: string;

  constructor(message: string, details: HokusaiErrorDetails = {}, advice = '') {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.troubleshooting = details.troubleshooting ?? advice;
    // Absent members stay absent, so that a printed error shows only what is known.
    if (details.requestId !== undefined) this.requestId = details.requestId;
    if (details.status !== undefined) this.status = details.status;
    if (details.errorCode !== undefined) this.errorCode = details.errorCode;
  }

  /** The part of the error that is safe for a log or a bug report; without cause and stack. */
  toJSON(): Record<string, unknown> {
    const { name, message, troubleshooting, status, errorCode, requestId } = this;
    return { name, message, troubleshooting, status, errorCode, requestId };
  }
}

/** Invalid settings. Every problem is named, without its value. */
export class ConfigurationError extends HokusaiError {
  override readonly name = 'ConfigurationError';

  constructor(readonly problems: readonly string[]) {
    super(
      `The configuration has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}: ${problems.join('; ')}`,
      {},
      'Correct the options or environment variables named above.',
    );
  }
}

/** 401: no key, or a key that is unknown, expired or revoked. */
export class AuthenticationError extends HokusaiError {
  override readonly name = 'AuthenticationError';
  constructor(message: string, details?: HokusaiErrorDetails) {
    super(
      message,
      details,
      'Check HOKUSAI_API_KEY (or MLFLOW_TRACKING_TOKEN; HOKUSAI_ADMIN_TOKEN for key management). ' +
        'An expired or revoked key must be replaced: ask your key administrator.',
    );
  }
}

/** 403: the key is good, and may not do this. */
export class PermissionDeniedError extends HokusaiError {
  override readonly name = 'PermissionDeniedError';
  constructor(message: string, details?: HokusaiErrorDetails) {
    super(
      message,
      details,
      'The key is valid but lacks a scope, or may not be used from this address or for this resource. ' +
        'Ask your key administrator.',
    );
  }
}

/** 404: no such run, model, key or endpoint. */
export class NotFoundError extends HokusaiError {
  override readonly name = 'NotFoundError';
  constructor(message: string, details?: HokusaiErrorDetails) {
    super(
      message,
      details,
      details?.errorCode === 'ENDPOINT_NOT_FOUND'
        ? 'Check MLFLOW_TRACKING_URI: it ends in /api/mlflow. This MLflow may also be too old for the call.'
        : 'Check the name or id; it may have been deleted.',
    );
  }
}

/** 409, or MLflow's "already exists". */
export class ConflictError extends HokusaiError {
  override readonly name = 'ConflictError';
  constructor(message: string, details?: HokusaiErrorDetails) {
    super(message, details, 'Fetch the existing one and use it, or choose another name.');
  }
}

/** 400 or 422, or an argument that this SDK itself refuses before sending. */
export class ValidationError extends HokusaiError {
  override readonly name = 'ValidationError';
  /** Refused fields, where the server names them. */
  readonly fields: readonly FieldProblem[];
  constructor(message: string, details: HokusaiErrorDetails & { fields?: readonly FieldProblem[] } = {}) {
    super(message, details, 'Correct the argument named in the message.');
    this.fields = details.fields ?? [];
  }

  override toJSON(): Record<string, unknown> {
    return { ...super.toJSON(), fields: this.fields };
  }
}

interface RetryableDetails extends HokusaiErrorDetails {
  readonly retryAfterSeconds?: number | undefined;
}

/** 429: over the limit of the key, or too many refused keys from this address. */
export class RateLimitError extends HokusaiError {
  override readonly name = 'RateLimitError';
  /** When there is room again, seconds from the answer; undefined where the server does not say. */
  readonly retryAfterSeconds: number | undefined;
  constructor(message: string, details: RetryableDetails = {}) {
    super(
      message,
      details,
      'Wait for retryAfterSeconds, log in larger batches, or ask for a higher limit on the key.',
    );
    this.retryAfterSeconds = details.retryAfterSeconds;
  }
}

/** 502 or 503: the gateway, the authentication service or MLflow is down for now. The key was not refused. */
export class ServiceUnavailableError extends HokusaiError {
  override readonly name = 'ServiceUnavailableError';
  readonly retryAfterSeconds: number | undefined;
  constructor(message: string, details: RetryableDetails = {}) {
    super(
      message,
      details,
      'The service is down or starting; your key was not refused. Try again in a moment, ' +
        'and give the request id to the operator if it keeps happening.',
    );
    this.retryAfterSeconds = details.retryAfterSeconds;
  }
}

/** No answer in time: here, at the gateway (504) or at the server (408). A write may still have been done. */
export class TimeoutError extends HokusaiError {
  override readonly name = 'TimeoutError';
  constructor(message: string, details?: HokusaiErrorDetails) {
    super(
      message,
      details,
      'Try again, or raise timeoutMs. If the call was a write, look first whether it was done.',
    );
  }
}

/** No connection: name not found, refused, TLS, reset. */
export class ConnectionError extends HokusaiError {
  override readonly name = 'ConnectionError';
  constructor(message: string, details?: HokusaiErrorDetails) {
    super(
      message,
      details,
      'Check the address (MLFLOW_TRACKING_URI, HOKUSAI_AUTH_SERVICE_URL), DNS, proxy and TLS settings, ' +
        'and that the server runs. In a browser, the server must allow this origin (CORS).',
    );
  }
}

/**
 * An answer that the API does not define: a redirect, a login page, JSON of another form. It never counts as success.
 */
export class UnexpectedResponseError extends HokusaiError {
  override readonly name = 'UnexpectedResponseError';
  constructor(message: string, details?: HokusaiErrorDetails) {
    super(
      message,
      details,
      'Check that the address is the API itself and not a web page or a proxy in front of it.',
    );
  }
}

/** Any other error that MLflow reports; `errorCode` tells which. */
export class MlflowError extends HokusaiError {
  override readonly name = 'MlflowError';
  declare readonly errorCode: string;
  constructor(message: string, details: HokusaiErrorDetails & { errorCode: string }) {
    super(message, details, `MLflow answered ${details.errorCode}; its own log says more.`);
  }
}
