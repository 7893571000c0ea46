import type { FieldProblem } from '../../contracts/errors/problem.js';
import { isObject } from '../../lib/json/json-object.js';
import {
  AuthenticationError,
  ConflictError,
  type HokusaiError,
  type HokusaiErrorDetails,
  MlflowError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
  ServiceUnavailableError,
  TimeoutError,
  ValidationError,
} from '../errors.js';
import { parseRetryAfterSeconds } from './retry-policy.js';

/** An answer with a status of 400 and above, its body read. */
export interface FailedAnswer {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  /** The body as the server sent it. */
  readonly text: string;
}

type Kind =
  | 'authentication'
  | 'permission'
  | 'not-found'
  | 'conflict'
  | 'validation'
  | 'rate-limit'
  | 'unavailable'
  | 'timeout'
  | 'other';

/** MLflow's codes come first: it answers 400 for "already exists". */
const BY_CODE: Record<string, Kind> = {
  UNAUTHENTICATED: 'authentication',
  PERMISSION_DENIED: 'permission',
  RESOURCE_DOES_NOT_EXIST: 'not-found',
  ENDPOINT_NOT_FOUND: 'not-found',
  NOT_FOUND: 'not-found',
  RESOURCE_ALREADY_EXISTS: 'conflict',
  RESOURCE_CONFLICT: 'conflict',
  ALREADY_EXISTS: 'conflict',
  INVALID_PARAMETER_VALUE: 'validation',
  MALFORMED_REQUEST: 'validation',
  REQUEST_LIMIT_EXCEEDED: 'rate-limit',
  RESOURCE_EXHAUSTED: 'rate-limit',
  TEMPORARILY_UNAVAILABLE: 'unavailable',
  DEADLINE_EXCEEDED: 'timeout',
};

const BY_STATUS: Record<number, Kind> = {
  400: 'validation',
  401: 'authentication',
  403: 'permission',
  404: 'not-found',
  408: 'timeout',
  409: 'conflict',
  413: 'validation',
  415: 'validation',
  422: 'validation',
  429: 'rate-limit',
  431: 'validation',
  502: 'unavailable',
  503: 'unavailable',
  504: 'timeout',
};

/**
 * The error class for an answer: MLflow's error code decides where it is known, then the status.
 *
 * @param redact takes secrets out of the server's text
 */
export function errorFromAnswer(answer: FailedAnswer, redact: (text: string) => string): HokusaiError {
  const body = parseObject(answer.text);
  const errorCode = stringMember(body, 'error_code');
  const details = {
    status: answer.status,
    requestId: answer.headers.get('x-request-id') ?? stringMember(body, 'request_id'),
    errorCode,
    retryAfterSeconds: parseRetryAfterSeconds(answer.headers.get('retry-after')),
  };
  const message = redact(
    messageOf(body) ??
      sentenceOf(answer.text) ??
      `The server answered ${answer.status} without a readable message`,
  );
  const kind = kindOfCode(errorCode) ?? BY_STATUS[answer.status] ?? 'other';
  return build(kind, message, details, body);
}

/** The code is the server's word: `constructor` is in every object. */
function kindOfCode(code: string | undefined): Kind | undefined {
  return code !== undefined && Object.hasOwn(BY_CODE, code) ? BY_CODE[code] : undefined;
}

function build(
  kind: Kind,
  message: string,
  details: HokusaiErrorDetails,
  body: Record<string, unknown>,
): HokusaiError {
  switch (kind) {
    case 'authentication':
      return new AuthenticationError(message, details);
    case 'permission':
      return new PermissionDeniedError(message, details);
    case 'not-found':
      return new NotFoundError(message, details);
    case 'conflict':
      return new ConflictError(message, details);
    case 'validation':
      return new ValidationError(message, { ...details, fields: fieldsOf(body) });
    case 'rate-limit':
      return new RateLimitError(message, details);
    case 'unavailable':
      return new ServiceUnavailableError(message, details);
    case 'timeout':
      return new TimeoutError(message, details);
    case 'other':
      return new MlflowError(message, { ...details, errorCode: details.errorCode ?? 'INTERNAL_ERROR' });
    default:
      return kind satisfies never;
  }
}

/** `message` is MLflow's and the gateway's; `detail` is what other auth services send, text or FastAPI's list. */
function messageOf(body: Record<string, unknown>): string | undefined {
  return (
    stringMember(body, 'message') ??
    stringMember(body, 'detail') ??
    listedProblems(body['detail']) ??
    stringMember(body, 'title')
  );
}

/** A short plain text, as some of MLflow's refusals are; web pages and JSON of other shapes are not read out. */
function sentenceOf(text: string): string | undefined {
  const sentence = text.trim();
  return /^[A-Za-z][^<>{}\n]{2,300}$/.test(sentence) ? sentence : undefined;
}

/** FastAPI's `[{ loc: ['body', 'name'], msg }]` as `body.name: msg`. */
function listedProblems(detail: unknown): string | undefined {
  if (!Array.isArray(detail)) return undefined;
  const problems = detail.flatMap((entry: { loc?: unknown; msg?: unknown } | null) =>
    typeof entry?.msg === 'string' && Array.isArray(entry.loc)
      ? [`${entry.loc.join('.')}: ${entry.msg}`]
      : [],
  );
  return problems.length > 0 ? problems.join('; ') : undefined;
}

function fieldsOf(body: Record<string, unknown>): FieldProblem[] {
  if (!Array.isArray(body['errors'])) return [];
  return body['errors'].filter(
    (entry): entry is FieldProblem =>
      isObject(entry) && typeof entry['field'] === 'string' && typeof entry['message'] === 'string',
  );
}

function stringMember(body: Record<string, unknown>, name: string): string | undefined {
  const value = body[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}
