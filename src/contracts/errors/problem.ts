/**
 * The one error body of every program: RFC 9457 problem details, plus the two members that MLflow's
 * client reads (`error_code`, `message`), plus the request id for support.
 */
export const PROBLEM_CONTENT_TYPE = 'application/problem+json';

/** Members of an error body, exactly as they stand on the wire. */
export interface ProblemBody {
  /** Stable URI of the catalogue entry. */
  type: string;
  /** Short name of the entry, the same for every occurrence. */
  title: string;
  /** HTTP status code, repeated for readers that see only the body. */
  status: number;
  /** The text that existing clients match on, such as "Invalid or expired API key". */
  detail: string;
  /** `urn:uuid:<request id>`; never the URL, which may carry a key. */
  instance: string;
  /** MLflow's error code, such as `UNAUTHENTICATED`. */
  error_code: string;
  /** What happened and what to do, as one or two sentences: what the MLflow client shows its user. */
  message: string;
  /** The value of the `X-Request-Id` response header. */
  request_id: string;
  /** Named problems of a refused request body (key service only). */
  errors?: FieldProblem[];
}

/** One refused field of a request body. */
export interface FieldProblem {
  /** Name of the field as the caller wrote it, dots for nesting. */
  field: string;
  /** What the field must be. */
  message: string;
}
