import type { KeyResource } from '../../../contracts/key-management.js';
import { spokenTime } from '../parts/moment.js';

const SOON_MS = 14 * 86_400_000;

export interface StatusWords {
  readonly words: string;
  /** Class of the style. */
  readonly tone: 'good' | 'warn' | 'bad' | 'soft';
}

/** How a key stands at a time. */
export function statusOf(key: KeyResource, now: string): StatusWords {
  if (key.revoked_at !== null) return { words: 'Revoked', tone: 'bad' };
  if (!key.is_active) return { words: 'Expired', tone: 'soft' };
  if (key.rotated_to_id !== null) return { words: 'Rotated', tone: 'warn' };
  if (key.expires_at !== null && Date.parse(key.expires_at) - Date.parse(now) <= SOON_MS)
    return { words: `Ends ${spokenTime(key.expires_at, now)}`, tone: 'warn' };
  return { words: 'Active', tone: 'good' };
}
