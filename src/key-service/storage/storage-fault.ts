import { isBulkheadRejectedError } from 'cockatiel';
import { ProblemError } from '../../lib/http/problem-error.js';

const RETRY_AFTER_SECONDS = 2;

/** SQLSTATE classes and codes of a server that is unreachable, full or shutting down, not of a wrong statement. */
const POSTGRES_AWAY = /^(08|53|57P)|^(57014|55P03|40001|40P01)$/;
/**
 * Codes of a server that no longer takes this user, this database or any write; at a start they are reported as that.
 */
const POSTGRES_CLOSED = /^28|^(25006|25P03|3D000|42501|58030)$/;
const SOCKET_AWAY = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPIPE',
  'ENOSPC',
  'EROFS',
]);
/** The server's certificate was replaced by one that this process does not trust. */
const CERTIFICATE = /CERT|^UNABLE_TO_|^ERR_TLS_|^ERR_SSL_/;
/** `pg` gives these no code. */
const POOL_AWAY =
  /timeout exceeded when trying to connect|Connection terminated|Query read timeout|not queryable/;
/** SQLITE_BUSY, LOCKED, IOERR, FULL, CANTOPEN, PROTOCOL. */
const SQLITE_AWAY = new Set([5, 6, 10, 13, 14, 15]);
const SQLITE_READONLY = 8;

/** Whether an error means that storage is unavailable for now, so that the same request may succeed later. */
export function isStorageAway(error: unknown): boolean {
  if (isBulkheadRejectedError(error)) return true;
  if (typeof error !== 'object' || error === null) return false;
  const { code, errcode, errors, message } = error as Partial<StorageError>;
  // One error for each address that was tried.
  if (Array.isArray(errors)) return errors.some(isStorageAway);
  if (typeof errcode === 'number') return SQLITE_AWAY.has(errcode & 0xff);
  if (typeof code === 'string' && (POSTGRES_AWAY.test(code) || SOCKET_AWAY.has(code))) return true;
  return POOL_AWAY.test(message ?? '');
}

/** Whether storage, and not the request, is the reason for an error. */
export function isStorageFault(error: unknown): boolean {
  if (isStorageAway(error)) return true;
  const { code, errcode } = (error ?? {}) as Partial<StorageError>;
  if (typeof errcode === 'number') return (errcode & 0xff) === SQLITE_READONLY;
  return typeof code === 'string' && (POSTGRES_CLOSED.test(code) || CERTIFICATE.test(code));
}

interface StorageError {
  message: string;
  /** SQLSTATE or the name of a socket's error. */
  code: unknown;
  /** SQLite's extended result code. */
  errcode: unknown;
  errors: unknown[];
}

/**
 * Turns an outage of storage into 503, so that no caller takes it for a refusal; any other error is returned
 * unchanged.
 */
export function asProblem(error: unknown): unknown {
  return isStorageFault(error)
    ? new ProblemError('not-ready', {
        message:
          'The key storage does not answer or does not take writes. Try again after the seconds in Retry-After.',
        reason: 'storage-unavailable',
        retryAfterSeconds: RETRY_AFTER_SECONDS,
        cause: error,
      })
    : error;
}
