import type { StatedKeyFacts } from '../../../src/contracts/keys/key-facts.js';

/** Every fact as an auth service may state it, each other than what its absence means. */
export const EVERY_FACT: StatedKeyFacts = {
  key_id: 'k1',
  user_id: 'u1',
  service_id: 'ml-platform',
  service_ids: ['ml-platform', 'batch'],
  environment: 'production',
  scopes: ['model:read'],
  expires_at: '2100-01-01T00:00:00Z',
  allowed_ips: ['192.0.2.0/24', '2001:db8::1'],
  rate_limit_per_hour: 100,
  burst: 5,
  searches_per_minute: 30,
  writes_per_minute: 40,
  grants: { models: [{ name: 'team-a-*', level: 'read' }], workspaces: ['team-a'] },
};
