import type { KeyFacts } from '../../../src/gateway/principal/key-facts.js';

/** Facts of a key whose auth service said nothing more than its id, apart from what is given. */
export function keyFacts(said: Partial<KeyFacts> = {}): KeyFacts {
  return {
    keyId: 'k1',
    userId: null,
    serviceId: null,
    serviceIds: null,
    environment: null,
    scopes: null,
    expiresAtMs: null,
    allowedIps: null,
    ratePerHour: null,
    burst: null,
    searchesPerMinute: null,
    writesPerMinute: null,
    grants: null,
    ...said,
  };
}
