import { isBulkheadRejectedError } from 'cockatiel';
import { ProblemError } from '../../lib/problem-error.js';

const RETRY_AFTER_SECONDS = 2;

/** SQLSTATE classes and codes of a server that is away, full or ending, not of a wrong statement. */
const POSTGRES_AWAY = /^(08|53|57P)|^(57014|55P03|40001|40P01)$/;
const SOCKET_AWAY = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPIPE',
]);
/** `pg` gives these no code. */
const POOL_AWAY =
  /timeout exceeded when trying to connect|Connection terminated|Query read timeout|not queryable/;
/** SQLITE_BUSY, LOCKED, IOERR, FULL, CANTOPEN. */
const SQLITE_AWAY = new Set([5, 6, 10, 13, 14]);

/** Whether an error means that storage is away for now, so that the same request may succeed later. */
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

interface StorageError {
  message: string;
  /** SQLSTATE or the name of a socket's error. */
  code: unknown;
  /** SQLite's extended result code. */
  errcode: unknown;
  errors: unknown[];
}

/** An outage of storage as 503, so that no caller takes it for a refusal; anything else as it came. */
export function asProblem(error: unknown): unknown {
  return isStorageAway(error)
    ? new ProblemError('not-ready', {
        message: 'The key storage does not answer. Try again after the seconds in Retry-After.',
        reason: 'storage-unavailable',
        retryAfterSeconds: RETRY_AFTER_SECONDS,
        cause: error,
      })
    : error;
}
