import { ProblemError } from '../../lib/http/problem-error.js';
import { isExpired, isUsable, type KeyRecord } from '../records/key-record.js';

/** @throws ProblemError 404 where there is no such key */
export function requireKey(record: KeyRecord | undefined): KeyRecord {
  if (!record)
    throw new ProblemError('resource-not-found', { message: 'No such key. Check the key id in the path.' });
  return record;
}

/** @throws ProblemError 409 for a key that is expired or revoked */
export function requireUsable(record: KeyRecord, now: string): void {
  if (isUsable(record, now)) return;
  const state = record.revokedAt === null && isExpired(record, now) ? 'has expired' : 'is revoked';
  throw new ProblemError('conflict', {
    message: `The key ${state} and cannot be changed. Create a new one.`,
    reason: 'key-not-usable',
  });
}
