import type { Grants } from '../../contracts/access/grants.js';
import type { Environment } from '../../contracts/keys/key-management.js';
import type { ApiKeysTable } from '../storage/database.schema.js';

/** The record of a key. Times are RFC 3339 in UTC with milliseconds, which can be compared as strings. */
export interface KeyRecord {
  id: string;
  prefix: string;
  name: string;
  userId: string | null;
  /** The service that its use is counted for. */
  serviceId: string;
  /** All services it is for, that one among them. */
  serviceIds: string[];
  environment: Environment;
  scopes: string[];
  ratePerHour: number | null;
  burst: number | null;
  searchesPerMinute: number | null;
  writesPerMinute: number | null;
  /** Addresses and CIDR blocks; null is any address. */
  allowedIps: string[] | null;
  /** What of MLflow it may use, beside its scopes; null: the scopes alone decide. */
  grants: Grants | null;
  createdAt: string;
  expiresAt: string | null;
  lastUsedAt: string | null;
  revokedAt: string | null;
  /** False once revoked, or expired and swept. */
  active: boolean;
  /** The successor of this key; this key stays valid until its new expiry. */
  rotatedToId: string | null;
  /** The key that this one replaced. */
  rotatedFromId: string | null;
  /** For people. */
  description: string | null;
  /** Who made and who revoked it, as the audit log names them; null where nobody kept it. */
  createdBy: string | null;
  revokedBy: string | null;
  revokeReason: string | null;
}

/** The hash that is stored instead of the key itself. */
export interface StoredHash {
  hash: string;
  algorithm: ApiKeysTable['hash_algorithm'];
}

/** Whether a key is to be accepted at a time. */
export function isUsable(record: KeyRecord, now: string): boolean {
  return record.active && !isExpired(record, now);
}

export function isExpired(record: KeyRecord, now: string): boolean {
  return record.expiresAt !== null && record.expiresAt <= now;
}

export function fromRow(row: ApiKeysTable): KeyRecord {
  return {
    id: row.id,
    prefix: row.key_prefix,
    name: row.name,
    userId: row.user_id,
    serviceId: row.service_id,
    serviceIds: row.service_ids === null ? [row.service_id] : (JSON.parse(row.service_ids) as string[]),
    environment: row.environment as Environment,
    scopes: JSON.parse(row.scopes) as string[],
    ratePerHour: row.rate_limit_per_hour,
    burst: row.burst,
    searchesPerMinute: row.searches_per_minute,
    writesPerMinute: row.writes_per_minute,
    allowedIps: row.allowed_ips === null ? null : (JSON.parse(row.allowed_ips) as string[]),
    grants: row.grants === null ? null : (JSON.parse(row.grants) as Grants),
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
    revokedAt: row.revoked_at,
    active: Boolean(row.is_active),
    rotatedToId: row.rotated_to_id,
    rotatedFromId: row.rotated_from_id,
    description: row.description,
    createdBy: row.created_by,
    revokedBy: row.revoked_by,
    revokeReason: row.revoke_reason,
  };
}

export function toRow(record: KeyRecord, stored: StoredHash): ApiKeysTable {
  return {
    id: record.id,
    key_hash: stored.hash,
    hash_algorithm: stored.algorithm,
    key_prefix: record.prefix,
    user_id: record.userId,
    service_id: record.serviceId,
    service_ids: storedServices(record),
    name: record.name,
    environment: record.environment,
    scopes: JSON.stringify(record.scopes),
    rate_limit_per_hour: record.ratePerHour,
    burst: record.burst,
    searches_per_minute: record.searchesPerMinute,
    writes_per_minute: record.writesPerMinute,
    allowed_ips: record.allowedIps === null ? null : JSON.stringify(record.allowedIps),
    grants: record.grants === null ? null : JSON.stringify(record.grants),
    created_at: record.createdAt,
    expires_at: record.expiresAt,
    last_used_at: record.lastUsedAt,
    revoked_at: record.revokedAt,
    is_active: record.active,
    rotated_to_id: record.rotatedToId,
    rotated_from_id: record.rotatedFromId,
    description: record.description,
    created_by: record.createdBy,
    revoked_by: record.revokedBy,
    revoke_reason: record.revokeReason,
  };
}

/** How the services of a key are stored: one alone as an older program has it. */
export function storedServices({
  serviceId,
  serviceIds,
}: Pick<KeyRecord, 'serviceId' | 'serviceIds'>): string | null {
  return serviceIds.length === 1 && serviceIds[0] === serviceId ? null : JSON.stringify(serviceIds);
}
