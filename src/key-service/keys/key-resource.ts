import type { KeyResource } from '../../contracts/keys/key-management.js';
import { isUsable, type KeyRecord } from '../records/key-record.js';

/** A key as every answer shows it. */
export function toResource(record: KeyRecord, now: string): KeyResource {
  return {
    key_id: record.id,
    key_prefix: record.prefix,
    name: record.name,
    user_id: record.userId,
    service_id: record.serviceId,
    service_ids: record.serviceIds,
    environment: record.environment,
    scopes: record.scopes,
    rate_limit_per_hour: record.ratePerHour,
    burst: record.burst,
    searches_per_minute: record.searchesPerMinute,
    writes_per_minute: record.writesPerMinute,
    allowed_ips: record.allowedIps,
    grants: record.grants,
    created_at: record.createdAt,
    expires_at: record.expiresAt,
    last_used_at: record.lastUsedAt,
    revoked_at: record.revokedAt,
    description: record.description,
    created_by: record.createdBy,
    revoked_by: record.revokedBy,
    revoke_reason: record.revokeReason,
    rotated_from_id: record.rotatedFromId,
    rotated_to_id: record.rotatedToId,
    is_active: isUsable(record, now),
  };
}
