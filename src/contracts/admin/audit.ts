/** The audit log of the key service: `/api/v1/audit`. Times are RFC 3339 in UTC with milliseconds. */

export interface AuditEntryResource {
  /** 1, 2, 3, … without a gap. */
  seq: number;
  at: string;
  /** What was done, such as `key.revoked`. */
  action: string;
  /** Who did it: `admin:<name of the token, else its fingerprint>`, `system` or `import`. */
  actor: string;
  key_id: string | null;
  request_id: string | null;
  client_ip: string | null;
  /** What changed; never a key or a token. */
  details: Record<string, unknown>;
  /** Hash of the entry before; empty for the first one. */
  prev_hash: string;
  /** SHA-256 over all of this entry and the hash before, hex. */
  hash: string;
}

/** 200 of `GET /audit`, latest first. */
export interface AuditResponse {
  entries: AuditEntryResource[];
  next_cursor: string | null;
}

/** 200 of `GET /audit/verify`: whether every entry is there, in order and unchanged. */
export interface AuditVerification {
  valid: boolean;
  /** Entries that were checked. */
  entries: number;
  /** First entry that does not fit; null where all do. */
  broken_at_seq: number | null;
  /** Hash of the last entry: kept elsewhere, it shows later whether the log was replaced as a whole. */
  head_hash: string;
}
