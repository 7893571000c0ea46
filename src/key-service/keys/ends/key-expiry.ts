import { DAY_MS } from '../../../lib/durations.js';
import { invalidFields } from '../../request-fields/parse-fields.js';
import { MAX_EXPIRY_DAYS } from '../key-bounds.js';
import { parseInstant } from '../../request-fields/field-validators.js';

/**
 * When a new key ends, RFC 3339 in UTC with milliseconds; null never.
 *
 * @throws ProblemError 400 for both ways at once, or a time that is not in the future or beyond `MAX_EXPIRY_DAYS`
 */
export function expiryOf(
  fields: { expires_at?: string | null; expires_in_days?: number | null },
  nowMs: number,
): string | null {
  const at = fields.expires_at ?? null;
  const days = fields.expires_in_days ?? null;
  if (at !== null && days !== null)
    throw invalidFields([
      { field: 'expires_at', message: 'must not be given together with expires_in_days' },
      { field: 'expires_in_days', message: 'must not be given together with expires_at' },
    ]);
  if (days !== null) return new Date(nowMs + days * DAY_MS).toISOString();
  if (at === null) return null;
  const atMs = parseInstant(at);
  if (atMs === undefined || atMs <= nowMs)
    throw invalidFields([{ field: 'expires_at', message: 'must be in the future' }]);
  if (atMs > nowMs + MAX_EXPIRY_DAYS * DAY_MS)
    throw invalidFields([
      {
        field: 'expires_at',
        message: `must be at most ${MAX_EXPIRY_DAYS} days away; leave it out for a key that never expires`,
      },
    ]);
  return new Date(atMs).toISOString();
}
