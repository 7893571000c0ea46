import type { StatedKeyFacts } from '../../../contracts/keys/key-facts.js';
import { factTimeMs, type UnreadableAnswer } from '../../../lib/keys/validation-answer.js';
import type { KeyFacts } from '../../principal/key-facts.js';
import { AuthServiceError } from './auth-service.error.js';

/** The facts of an answer as the gateway holds them. */
export function keyFactsOf(stated: StatedKeyFacts): KeyFacts {
  const {
    key_id,
    user_id,
    service_id,
    service_ids,
    environment,
    scopes,
    expires_at,
    allowed_ips,
    ...limits
  } = stated;
  const { rate_limit_per_hour, burst, searches_per_minute, writes_per_minute, grants, ...rest } = limits;
  // A new fact that is read but not stored causes a compile error here.
  rest satisfies Record<keyof typeof rest, never>;
  return {
    keyId: key_id,
    userId: user_id,
    serviceId: service_id,
    serviceIds: service_ids,
    environment,
    scopes,
    expiresAtMs: expires_at === null ? null : (factTimeMs(expires_at) ?? 0),
    allowedIps: allowed_ips,
    ratePerHour: rate_limit_per_hour,
    burst,
    searchesPerMinute: searches_per_minute,
    writesPerMinute: writes_per_minute,
    grants,
  };
}

/** The service is up, because it answered: a malformed answer about one key must not open the breaker. */
export function malformedAnswer({ what, member }: UnreadableAnswer): AuthServiceError {
  return member === undefined
    ? new AuthServiceError('malformed', what)
    : new AuthServiceError('malformed', member, 'key');
}
