import type { StatedKeyFacts } from '../../contracts/keys/key-facts.js';
import type { KeyRecord } from './key-record.js';

/** The facts of a key that gateways get, in the answer of a validation and in questions about it. */
export function statedFactsOf(record: KeyRecord): StatedKeyFacts {
  return {
    key_id: record.id,
    user_id: record.userId,
    service_id: record.serviceId,
    service_ids: record.serviceIds,
    environment: record.environment,
    scopes: record.scopes,
    expires_at: record.expiresAt,
    allowed_ips: record.allowedIps,
    rate_limit_per_hour: record.ratePerHour,
    burst: record.burst,
    searches_per_minute: record.searchesPerMinute,
    writes_per_minute: record.writesPerMinute,
    grants: record.grants,
  };
}
