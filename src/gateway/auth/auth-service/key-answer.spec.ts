import { EVERY_FACT } from '../../../../test/support/lib/stated-facts.js';
import { KEY_FACTS, type StatedKeyFacts } from '../../../contracts/keys/key-facts.js';
import { isKeyFacts } from '../../principal/key-facts.js';
import { keyFactsOf, malformedAnswer } from './key-answer.js';

const NOTHING_SAID = Object.fromEntries(
  Object.keys(KEY_FACTS).map((name) => [name, null]),
) as unknown as StatedKeyFacts;

it('every fact is held under its own name, a time as Unix milliseconds', () => {
  expect(keyFactsOf(EVERY_FACT)).toEqual({
    keyId: 'k1',
    userId: 'u1',
    serviceId: 'ml-platform',
    serviceIds: ['ml-platform', 'batch'],
    environment: 'production',
    scopes: ['model:read'],
    expiresAtMs: Date.UTC(2100, 0, 1),
    allowedIps: EVERY_FACT.allowed_ips,
    ratePerHour: 100,
    burst: 5,
    searchesPerMinute: 30,
    writesPerMinute: 40,
    grants: EVERY_FACT.grants,
  });
});

it('what was not said is null, and nothing is left out', () => {
  const facts = keyFactsOf(NOTHING_SAID);
  expect(new Set(Object.values(facts))).toEqual(new Set([null]));
  expect(Object.keys(facts)).toHaveLength(Object.keys(KEY_FACTS).length);
  expect(isKeyFacts(facts)).toBe(true);
});

it('stored facts with a member missing or of another type are refused', () => {
  const facts = keyFactsOf(NOTHING_SAID);
  for (const name of Object.keys(facts)) {
    const { [name as keyof typeof facts]: _left, ...rest } = facts;
    expect(isKeyFacts(rest)).toBe(false);
    expect(isKeyFacts({ ...facts, [name]: { some: 'object' } })).toBe(false);
  }
  expect([isKeyFacts(null), isKeyFacts('facts')]).toEqual([false, false]);
});

it('an answer that is malformed for one key counts as a sign that the service is up, any other malformed answer as a fault', () => {
  expect(
    malformedAnswer({ kind: 'unreadable', what: 'has a "burst" that is …', member: 'burst' }),
  ).toMatchObject({ fault: 'malformed', detail: 'burst', ofOneKey: true, unhealthy: false });
  expect(malformedAnswer({ kind: 'unreadable', what: 'is not JSON' })).toMatchObject({
    fault: 'malformed',
    detail: 'is not JSON',
    ofOneKey: false,
    unhealthy: true,
  });
});
