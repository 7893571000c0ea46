import type { ErrorName } from '../../../contracts/errors/error-codes.js';

/** Why an exchange with MLflow failed; the values are the label `kind` of the metrics. */
export type FaultKind =
  | 'connect'
  | 'connect_timeout'
  | 'dns'
  | 'tls'
  | 'reset'
  | 'headers_timeout'
  | 'body_timeout'
  | 'protocol'
  | 'sign_in'
  | 'request_body'
  | 'request_invalid'
  | 'client_gone'
  | 'client_stalled'
  | 'client_slow'
  | 'other';

export interface Fault {
  readonly kind: FaultKind;
  /** What the client gets; undefined if the client has left. */
  readonly problem: ErrorName | undefined;
  /** The error's own code, for the log. */
  readonly code: string | undefined;
}

/** The client left before the exchange was over. */
export class ClientGoneError extends Error {
  readonly code = 'CLIENT_GONE';
}

/** The client sent nothing, or took nothing, for longer than the idle time-out. */
export class ClientStalledError extends Error {
  readonly code = 'CLIENT_STALLED';
}

/** The client sends more slowly than the least rate. */
export class ClientSlowError extends Error {
  readonly code = 'CLIENT_SLOW';
}

const KINDS: Readonly<Record<string, FaultKind>> = {
  ECONNREFUSED: 'connect',
  EHOSTUNREACH: 'connect',
  ENETUNREACH: 'connect',
  EADDRNOTAVAIL: 'connect',
  EMFILE: 'connect',
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  ETIMEDOUT: 'connect_timeout',
  UND_ERR_CONNECT_TIMEOUT: 'connect_timeout',
  UND_ERR_SOCKET: 'reset',
  ECONNRESET: 'reset',
  ECONNABORTED: 'reset',
  EPIPE: 'reset',
  UND_ERR_HEADERS_TIMEOUT: 'headers_timeout',
  UND_ERR_BODY_TIMEOUT: 'body_timeout',
  UND_ERR_HEADERS_OVERFLOW: 'protocol',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'protocol',
  UND_ERR_REQ_CONTENT_LENGTH_MISMATCH: 'request_body',
  UND_ERR_INVALID_ARG: 'request_invalid',
  UND_ERR_NOT_SUPPORTED: 'request_invalid',
  CLIENT_GONE: 'client_gone',
  CLIENT_STALLED: 'client_stalled',
  CLIENT_SLOW: 'client_slow',
};

const PROBLEMS: Readonly<Record<FaultKind, ErrorName | undefined>> = {
  connect: 'mlflow-unreachable',
  dns: 'mlflow-unreachable',
  tls: 'mlflow-unreachable',
  reset: 'mlflow-unreachable',
  protocol: 'mlflow-unreachable',
  sign_in: 'mlflow-sign-in',
  other: 'mlflow-unreachable',
  connect_timeout: 'mlflow-timeout',
  headers_timeout: 'mlflow-timeout',
  body_timeout: 'mlflow-timeout',
  request_body: 'bad-request',
  request_invalid: 'bad-request',
  client_stalled: 'request-timeout',
  client_slow: 'request-timeout',
  client_gone: undefined,
};

const TLS = /^(?:ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|EPROTO)/;

/** Sorts any error of an exchange: the one place that knows the codes of undici, Node and OpenSSL. */
export function classifyFault(error: unknown): Fault {
  const { code: given, name } = (error ?? {}) as { code?: unknown; name?: unknown };
  const code = typeof given === 'string' ? given : undefined;
  // undici's parser errors do not always have a code.
  const kind = name === 'HTTPParserError' ? 'protocol' : code === undefined ? 'other' : kindOf(code);
  return { kind, problem: PROBLEMS[kind], code };
}

function kindOf(code: string): FaultKind {
  const kind = KINDS[code];
  if (kind !== undefined) return kind;
  if (code.startsWith('HPE_')) return 'protocol';
  return TLS.test(code) ? 'tls' : 'other';
}

/** How far an attempt had come when it failed. */
export interface AttemptState {
  readonly method: string;
  readonly hasBody: boolean;
  /** Whether the request was handed to a connection, so that MLflow may have acted on it. */
  readonly sent: boolean;
  /** Whether that connection had served a request before. */
  readonly reused: boolean;
  /** Whether any part of an answer has come. */
  readonly answered: boolean;
  /** Attempts so far, this one included. */
  readonly attempts: number;
}

/**
 * Whether an attempt may be repeated on a fresh connection. An attempt that never reached a connection may. So may a
 * read without a body on a pooled connection that MLflow had dropped: its server closes idle ones without notice. A
 * write that was sent may have been done and is never repeated.
 */
export function mayRepeat(kind: FaultKind, state: AttemptState): boolean {
  if (state.attempts > 1 || state.answered) return false;
  if (!state.sent) return kind === 'connect' || kind === 'reset';
  return (
    kind === 'reset' && state.reused && !state.hasBody && (state.method === 'GET' || state.method === 'HEAD')
  );
}
