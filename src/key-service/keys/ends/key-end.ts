import { MAX_OVERLAP_SECONDS } from '../../../contracts/keys/key-management.js';
import { parseInstant } from '../../request-fields/field-validators.js';
import { invalidFields } from '../../request-fields/parse-fields.js';
import type { KeyRecord } from '../../records/key-record.js';

/**
 * The end that an edit may give a key: earlier than the one it has. A key with a successor may get a later end, up to
 * the longest overlap from now and never after the successor's end: a rotation never extends a lifetime.
 *
 * @param successor of the key, where it has one
 * @param wanted RFC 3339 time
 * @returns RFC 3339 in UTC with milliseconds
 * @throws ProblemError 400
 */
export function newEndOf(
  key: KeyRecord,
  successor: KeyRecord | undefined,
  wanted: string,
  now: string,
): string {
  const end = new Date(parseInstant(wanted) as number).toISOString();
  if (end <= now) throw refused('must be in the future; revoke the key to end it now');
  if (key.expiresAt === null || end <= key.expiresAt) return end;
  if (!successor) throw refused('must not be later than the key ends now; create or rotate a key instead');
  const latest = new Date(Date.parse(now) + MAX_OVERLAP_SECONDS * 1000).toISOString();
  if (end > latest) throw refused(`must be at most ${MAX_OVERLAP_SECONDS / 86_400} days away`);
  if (successor.expiresAt !== null && end > successor.expiresAt)
    throw refused('must not be later than the end of the key that took its place');
  return end;
}

function refused(message: string): Error {
  return invalidFields([{ field: 'expires_at', message }]);
}
