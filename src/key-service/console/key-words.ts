import type { KeyResource } from '../../contracts/key-management.js';

/** Date and minute in UTC. */
export function day(instant: string): string {
  return `${instant.slice(0, 10)} ${instant.slice(11, 16)} UTC`;
}

export function statusWords(key: KeyResource, now: string): string {
  if (key.revoked_at !== null) return 'Revoked';
  if (key.expires_at !== null && key.expires_at <= now) return 'Expired';
  return key.rotated_to_id === null ? 'Active' : 'Rotated, still valid';
}
