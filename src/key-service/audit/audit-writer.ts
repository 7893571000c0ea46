import type { Db } from '../storage/database.schema.js';

/** Who asked for an operation. */
export interface Actor {
  /** `admin:<name or fingerprint of the token>`, `system` or `import`. */
  name: string;
  requestId: string | null;
  clientIp: string | null;
}

/** The service itself, such as the sweep of expired keys. */
export const SYSTEM_ACTOR: Actor = { name: 'system', requestId: null, clientIp: null };

export const AUDIT_ACTIONS = [
  'key.created',
  'key.updated',
  'key.revoked',
  'key.rotated',
  'key.expired',
  'key.imported',
  'service.registered',
  'service.removed',
  'rotation-policy.created',
  'rotation-policy.updated',
  'rotation-policy.removed',
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

export interface AuditEntry {
  action: AuditAction;
  /** Null if the entry is not about a key. */
  keyId: string | null;
  /** What changed; never a key, a token or a hash. */
  details: Record<string, unknown>;
}

/** Writes what was done to keys. */
export abstract class AuditWriter {
  /**
   * Appends entries to the chain, within the transaction of the operation itself: either both are there or neither.
   *
   * @param at time of the operation, RFC 3339 in UTC with milliseconds
   */
  abstract append(db: Db, actor: Actor, at: string, entries: readonly AuditEntry[]): Promise<void>;
}
