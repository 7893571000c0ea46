import { ERROR_CATALOGUE, ERROR_TYPE_BASE, type ErrorName } from '../../contracts/errors/error-codes.js';
import type { FieldProblem, ProblemBody } from '../../contracts/errors/problem.js';

export interface ProblemOptions {
  /** A sentence that replaces the catalogue's `detail` and advice; it must not contain a key, a token or a host. */
  message?: string;
  /** Response headers that go with the problem, such as `www-authenticate`. */
  headers?: Record<string, string>;
  /** Whole seconds for `Retry-After`, at least 1. */
  retryAfterSeconds?: number;
  /** Why, for the log alone; never shown to the client. */
  reason?: string;
  /** Named problems of a request body. */
  fields?: FieldProblem[];
  cause?: unknown;
}

/** A refusal or a fault that is reported to the client; every one is an entry of the catalogue. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly headers: Readonly<Record<string, string>>;
  readonly reason: string | undefined;
  readonly fields: FieldProblem[] | undefined;

  constructor(
    readonly problem: ErrorName,
    options: ProblemOptions = {},
  ) {
    const entry = ERROR_CATALOGUE[problem];
    super(options.message ?? `${entry.detail}. ${entry.advice}`, { cause: options.cause });
    this.reason = options.reason;
    this.fields = options.fields;
    this.headers =
      options.retryAfterSeconds === undefined
        ? (options.headers ?? {})
        : { ...options.headers, 'retry-after': String(Math.max(1, Math.ceil(options.retryAfterSeconds))) };
  }

  get status(): number {
    return ERROR_CATALOGUE[this.problem].status;
  }

  /** The body on the wire (RFC 9457 and MLflow's members). */
  toBody(requestId: string): ProblemBody {
    const entry = ERROR_CATALOGUE[this.problem];
    return {
      type: ERROR_TYPE_BASE + this.problem,
      title: entry.title,
      status: entry.status,
      detail: entry.detail,
      instance: `urn:uuid:${requestId}`,
      error_code: entry.errorCode,
      message: this.message,
      request_id: requestId,
      ...(this.fields && { errors: this.fields }),
    };
  }
}
