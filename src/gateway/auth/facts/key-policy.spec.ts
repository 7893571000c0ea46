import { keyFacts } from '../../../../test/support/lib/key-facts.js';
import type { KeyFacts } from '../../principal/key-facts.js';
import { judgeKey } from './key-policy.js';

const OPEN = keyFacts({ userId: 'u1' });
const use = { clientIp: '192.0.2.7', serviceId: 'ml-platform', clock: { now: () => 1_000 } };

it.each<[string, Partial<KeyFacts>, string]>([
  ['nothing said', {}, 'allowed'],
  ['expires later', { expiresAtMs: 1_001 }, 'allowed'],
  ['expires now', { expiresAtMs: 1_000 }, 'expired'],
  ['expired', { expiresAtMs: 999 }, 'expired'],
  ['the same service', { serviceId: 'ml-platform' }, 'allowed'],
  ['another service', { serviceId: 'billing' }, 'other-service'],
  ['another service by case', { serviceId: 'ML-platform' }, 'other-service'],
  ['an empty service', { serviceId: '' }, 'other-service'],
  ['one of several services', { serviceId: 'billing', serviceIds: ['billing', 'ml-platform'] }, 'allowed'],
  ['several others', { serviceId: 'billing', serviceIds: ['billing', 'batch'] }, 'other-service'],
  ['a service that is not in its list', { serviceId: 'ml-platform', serviceIds: ['batch'] }, 'other-service'],
  ['no service at all', { serviceId: 'ml-platform', serviceIds: [] }, 'other-service'],
  ['the address', { allowedIps: ['192.0.2.7'] }, 'allowed'],
  ['a block with it', { allowedIps: ['10.0.0.0/8', '192.0.2.0/24'] }, 'allowed'],
  ['a block without it', { allowedIps: ['192.0.2.0/29', '2001:db8::/32'].slice(1) }, 'address-not-allowed'],
  ['no address at all', { allowedIps: [] }, 'address-not-allowed'],
  ['no scope is for a later guard', { scopes: [] }, 'allowed'],
  ['expired and from elsewhere', { expiresAtMs: 1, allowedIps: [] }, 'expired'],
])('%s', (_name, facts, verdict) => expect(judgeKey({ ...OPEN, ...facts }, use)).toBe(verdict));

it('the same facts are judged for every address', () => {
  const facts = { ...OPEN, allowedIps: ['192.0.2.7', '2001:db8::/32'] };
  expect(judgeKey(facts, use)).toBe('allowed');
  expect(judgeKey(facts, { ...use, clientIp: '192.0.2.8' })).toBe('address-not-allowed');
  expect(judgeKey(facts, { ...use, clientIp: '2001:db8::99' })).toBe('allowed');
});
