import { createHash } from 'node:crypto';

/** `prev_hash` of the first row. */
export const GENESIS_HASH = '';

/** A row of `audit_log` without its own hash. */
export interface ChainLink {
  seq: number;
  /** RFC 3339 in UTC with milliseconds. */
  at: string;
  action: string;
  actor: string;
  key_id: string | null;
  request_id: string | null;
  client_ip: string | null;
  /** JSON text, exactly as stored. */
  details: string;
  prev_hash: string;
}

/** SHA-256 over every column and the hash before, as hex: a change anywhere breaks all that follows. */
export function linkHash(link: ChainLink): string {
  const columns = [
    link.seq,
    link.at,
    link.action,
    link.actor,
    link.key_id,
    link.request_id,
    link.client_ip,
    link.details,
    link.prev_hash,
  ];
  return createHash('sha256').update(JSON.stringify(columns)).digest('hex');
}
