import type { IncomingMessage } from 'node:http';
import { Registry } from 'prom-client';
import { keyFacts } from '../../../test/support/lib/key-facts.js';
import { LogCapture } from '../../../test/support/lib/log-capture.js';
import { ManualClock } from '../../../test/support/lib/manual-clock.js';
import { JsonLogger } from '../../platform/logging/logger.js';
import { RequestContext } from '../../platform/request/request-context.js';
import { AuthConfig } from '../config/auth.config.js';
import { AuthServiceError } from './auth-service/auth-service.error.js';
import { AuthEvents } from './auth.events.js';
import { AuthMetrics } from './auth.metrics.js';
import type { KeyValidator } from './auth-service/key-validator.js';
import type { KeyDirectory, KeyFinding } from './facts/key-directory.js';
import { KnownKey } from './facts/known-keys.js';
import { KeyAuthentication } from './key-authentication.js';

const CREDENTIAL = { key: 'a-key', source: 'bearer' } as const;

let known: KnownKey | undefined;
let find: () => Promise<KeyFinding>;
let keys: KeyAuthentication;
let clock: ManualClock;
let log: LogCapture;
let context: RequestContext;

beforeEach(() => {
  known = undefined;
  find = () => Promise.reject(new Error('not asked for'));
  clock = new ManualClock();
  log = new LogCapture();
  const directory = { peek: () => known, find: () => find() } as unknown as KeyDirectory;
  const validator = { retryAfterSeconds: () => 17 } as KeyValidator;
  const events = new AuthEvents(new AuthMetrics(new Registry()), new JsonLogger('info', log));
  keys = new KeyAuthentication(new AuthConfig(), directory, validator, clock, events);
  const request = { url: '/', headers: {}, socket: { remoteAddress: '192.0.2.1' } };
  context = new RequestContext(request as unknown as IncomingMessage, 0, 0);
});

function knownKey(facts: Parameters<typeof keyFacts>[0] = {}): KnownKey {
  const mark = { order: 0, redisUs: undefined, local: true };
  return new KnownKey('a-digest', { facts: keyFacts(facts), addressBound: false, mark, startedAtMs: 0 });
}

it('a key in memory is admitted at once, under a subject that is not the key and with where it stood', () => {
  known = knownKey();
  expect(keys.authenticate({ key: 'a-key', source: 'session' }, context)).toEqual({
    kind: 'admitted',
    principal: { facts: known.entry.facts, subject: 'key:a-digest', source: 'session' },
    lookup: 'fresh',
  });
});

it.each([
  ['expired', { expiresAtMs: 0 }],
  ['other-service', { serviceId: 'another' }],
  ['address-not-allowed', { allowedIps: ['198.51.100.0/24'] }],
] as const)('facts in memory are judged for each request: %s', (reason, facts) => {
  known = knownKey({ ...facts, allowedIps: 'allowedIps' in facts ? [...facts.allowedIps] : null });
  expect(keys.authenticate(CREDENTIAL, context)).toMatchObject({
    kind: 'refused',
    refusal: { reason },
    facts: { keyId: 'k1' },
  });
});

it.each<[string, () => Promise<KeyFinding>, object]>([
  [
    'a refusal',
    async () => ({ kind: 'refused', cache: 'negative' }),
    { refusal: { reason: 'refused' }, lookup: 'negative' },
  ],
  ['a 403', async () => ({ kind: 'forbidden' }), { refusal: { reason: 'forbidden' } }],
  [
    'an address over its limit',
    async () => ({ kind: 'blocked', retryAfterSeconds: 9 }),
    { refusal: { reason: 'too-many-failed-attempts', retryAfterSeconds: 9 } },
  ],
  [
    'an outage',
    () => Promise.reject(new AuthServiceError('timeout')),
    { refusal: { reason: 'auth-service-timeout', retryAfterSeconds: 17 } },
  ],
])('what had to be looked up is a value: %s', async (_case, answer, verdict) => {
  find = answer;
  await expect(keys.authenticate(CREDENTIAL, context)).resolves.toMatchObject({
    kind: 'refused',
    ...verdict,
  });
});

it('a fault of the gateway itself is told to its operator alone', async () => {
  find = () => Promise.reject(new TypeError('of undefined'));
  const verdict = await keys.authenticate(CREDENTIAL, context);
  expect(verdict).toMatchObject({ refusal: { reason: 'auth-service-internal', retryAfterSeconds: 17 } });
  expect(log.of('auth_internal_error')).toMatchObject([{ level: 'error', error: 'TypeError: of undefined' }]);
  expect(JSON.stringify(verdict)).not.toContain('of undefined');
});

it('an outage of the auth service is not logged as a fault of the gateway', async () => {
  find = () => Promise.reject(new AuthServiceError('connection'));
  await keys.authenticate(CREDENTIAL, context);
  expect(log.of('auth_internal_error')).toEqual([]);
});
