import { DEFAULT_SCOPES, DEFAULT_SCOPES_WITH_GRANTS } from '../../contracts/access/scopes.js';
import { invalidFields } from '../request-fields/parse-fields.js';
import { expiryOf } from './ends/key-expiry.js';
import type { KeySpec } from './key-issuer.js';
import type { CreateKeyFields, UpdateKeyFields } from './keys.fields.js';
import type { KeyEdit } from './keys.service.js';

/** The design's defaults: production, all scopes, no expiry. */
export function specOf(fields: CreateKeyFields, nowMs: number): KeySpec {
  return {
    name: fields.name,
    ...servicesOf(fields),
    userId: fields.user_id ?? null,
    environment: fields.environment ?? 'production',
    scopes: fields.scopes ?? [
      ...((fields.grants ?? null) === null ? DEFAULT_SCOPES : DEFAULT_SCOPES_WITH_GRANTS),
    ],
    expiresAt: expiryOf(fields, nowMs),
    ratePerHour: fields.rate_limit_per_hour ?? null,
    burst: fields.burst ?? null,
    searchesPerMinute: fields.searches_per_minute ?? null,
    writesPerMinute: fields.writes_per_minute ?? null,
    allowedIps: fields.allowed_ips ?? null,
    grants: fields.grants ?? null,
    description: fields.description ?? null,
  };
}

/** @throws ProblemError 400 for a service that is not among those of the key */
function servicesOf({
  service_id: one,
  service_ids: all,
}: CreateKeyFields): Pick<KeySpec, 'serviceId' | 'serviceIds'> {
  const serviceId = one ?? all?.[0] ?? '';
  const serviceIds = all ?? [serviceId];
  if (!serviceIds.includes(serviceId))
    throw invalidFields([{ field: 'service_id', message: 'must be one of service_ids' }]);
  return { serviceId, serviceIds };
}

/** What an edit changes; what it leaves out stays as it is. */
export function editOf(fields: UpdateKeyFields): KeyEdit {
  return {
    ...(fields.name !== undefined && { name: fields.name }),
    ...(fields.scopes !== undefined && { scopes: fields.scopes }),
    ...(fields.rate_limit_per_hour !== undefined && { ratePerHour: fields.rate_limit_per_hour }),
    ...(fields.burst !== undefined && { burst: fields.burst }),
    ...(fields.searches_per_minute !== undefined && { searchesPerMinute: fields.searches_per_minute }),
    ...(fields.writes_per_minute !== undefined && { writesPerMinute: fields.writes_per_minute }),
    ...(fields.allowed_ips !== undefined && { allowedIps: fields.allowed_ips }),
    ...(fields.grants !== undefined && { grants: fields.grants }),
    ...(fields.user_id !== undefined && { userId: fields.user_id }),
    ...(fields.service_ids !== undefined && { serviceIds: fields.service_ids }),
    ...(fields.description !== undefined && { description: fields.description }),
    ...(fields.expires_at !== undefined && { expiresAt: fields.expires_at }),
  };
}
