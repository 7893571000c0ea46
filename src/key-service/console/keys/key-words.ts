import type { KeyLimit } from '../../../contracts/keys/access-explain.js';
import type { KeyResource } from '../../../contracts/keys/key-management.js';
import { DAY_MS } from '../../../lib/durations.js';
import { spokenTime } from '../parts/moment.js';

const SOON_MS = 14 * DAY_MS;

export interface StatusWords {
  readonly words: string;
  /** Class of the style. */
  readonly tone: 'good' | 'warn' | 'bad' | 'soft';
}

/** The status of a key at a time. */
export function statusOf(key: KeyResource, now: string): StatusWords {
  if (key.revoked_at !== null) return { words: 'Revoked', tone: 'bad' };
  if (!key.is_active) return { words: 'Expired', tone: 'soft' };
  if (key.rotated_to_id !== null) return { words: 'Rotated', tone: 'warn' };
  if (key.expires_at !== null && Date.parse(key.expires_at) - Date.parse(now) <= SOON_MS)
    return { words: `Ends ${spokenTime(key.expires_at, now)}`, tone: 'warn' };
  return { words: 'Active', tone: 'good' };
}

/** Such as `2000 searches in a minute`. */
export function limitWords({ limit, counts, window_seconds: seconds }: KeyLimit): string {
  return `${limit.toLocaleString('en')} ${counts === 'all' ? 'requests' : counts} in ${windowWords(seconds)}`;
}

function windowWords(seconds: number): string {
  if (seconds % 3600 === 0) return seconds === 3600 ? 'an hour' : `${seconds / 3600} hours`;
  if (seconds % 60 === 0) return seconds === 60 ? 'a minute' : `${seconds / 60} minutes`;
  return seconds === 1 ? 'a second' : `${seconds} seconds`;
}
