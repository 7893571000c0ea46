import type { IncomingMessage } from 'node:http';
import { Registry } from 'prom-client';
import { LogCapture } from '../../../test/support/lib/log-capture.js';
import { ManualClock } from '../../../test/support/lib/manual-clock.js';
import { JsonLogger } from '../../platform/logging/logger.js';
import { RequestContext } from '../../platform/request/request-context.js';
import { RateLimitConfig } from '../config/rate-limit.config.js';
import { RateLimitMetrics } from '../rate-limit/rate-limit.metrics.js';
import { AuthEvents } from './auth.events.js';
import { AuthMetrics } from './auth.metrics.js';
import { authServiceUnavailable, KEY_REFUSALS, tooManyFailedAttempts } from './credential/key-refusals.js';
import type { Refusal } from './credential/verdict.js';
import { FailedAuthLimiter } from './failed-auth/failed-auth-limiter.js';
import { keyFacts } from '../../../test/support/lib/key-facts.js';
import { keyLogFields } from '../principal/key-log-fields.js';
import { RefusalFeed, type RefusedRequest } from '../principal/refusal-feed.js';
import { Refusals } from './refusals.js';

const ADDRESS = '192.0.2.1';
const REALM = 'Bearer realm="mlflow"';

let refusals: Refusals;
let events: AuthEvents;
let limiter: FailedAuthLimiter;
let registry: Registry;
let log: LogCapture;
let context: RequestContext;
let told: RefusedRequest[];

beforeEach(() => {
  registry = new Registry();
  log = new LogCapture();
  const config = Object.assign(new RateLimitConfig(), { failedAuthPerMinute: 1 });
  limiter = new FailedAuthLimiter(config, new ManualClock(), new RateLimitMetrics(registry), null);
  events = new AuthEvents(new AuthMetrics(registry), new JsonLogger('info', log));
  const feed = new RefusalFeed(new ManualClock());
  told = [];
  feed.onRefused((refused) => told.push(refused));
  refusals = new Refusals(limiter, events, feed);
  const request = { url: '/', headers: {}, socket: { remoteAddress: ADDRESS } };
  context = new RequestContext(request as unknown as IncomingMessage, 0, 0);
});

const CHALLENGED = { 'www-authenticate': `${REALM}, error="invalid_token"` };

it.each<[string, Refusal, number, string, object, boolean]>([
  // reason, refusal, status, problem, headers, counted against the address
  ['missing', KEY_REFUSALS.missing, 401, 'api-key-required', { 'www-authenticate': REALM }, false],
  ['malformed', KEY_REFUSALS.malformed, 401, 'malformed-credential', CHALLENGED, false],
  ['conflicting', KEY_REFUSALS.conflicting, 400, 'conflicting-credentials', {}, false],
  ['mistyped', KEY_REFUSALS.mistyped, 401, 'invalid-api-key', CHALLENGED, true],
  ['refused', KEY_REFUSALS.refused, 401, 'invalid-api-key', CHALLENGED, true],
  ['expired', KEY_REFUSALS.expired, 401, 'invalid-api-key', CHALLENGED, true],
  ['other-service', KEY_REFUSALS['other-service'], 401, 'invalid-api-key', CHALLENGED, true],
  ['address-not-allowed', KEY_REFUSALS['address-not-allowed'], 403, 'address-not-allowed', {}, false],
  ['forbidden', KEY_REFUSALS.forbidden, 403, 'key-forbidden', {}, true],
  [
    'too-many-failed-attempts',
    tooManyFailedAttempts(9),
    429,
    'too-many-failed-attempts',
    { 'retry-after': '9' },
    false,
  ],
  [
    'auth-service-timeout',
    authServiceUnavailable('timeout', 17),
    503,
    'auth-service-unavailable',
    { 'retry-after': '17' },
    false,
  ],
])('%s', async (reason, refusal, status, problem, headers, counted) => {
  const told = refusals.of(refusal, context);
  expect([told.status, told.problem, told.headers]).toEqual([status, problem, headers]);
  expect([told.reason, context.reason]).toEqual([reason, reason]);
  expect(log.of('auth_refused')).toMatchObject([{ level: 'warn', client_ip: ADDRESS, reason }]);
  expect(await registry.metrics()).toContain(`auth_refusals_total{reason="${reason}"} 1`);
  expect(Number(limiter.blockedForSeconds(ADDRESS)) > 0).toBe(counted);
});

it('every reason to refuse a key gives the client the same words', () => {
  const texts = (['refused', 'mistyped', 'expired', 'other-service'] as const).map((reason) =>
    JSON.stringify(refusals.of(KEY_REFUSALS[reason], context).toBody('r')),
  );
  expect(new Set(texts).size).toBe(1);
});

it('the log names a key and a user that are known, and nothing in their place', () => {
  refusals.of(KEY_REFUSALS.forbidden, context);
  context.fields = keyLogFields(keyFacts({ keyId: 'k1', userId: 'u1' }), 'miss');
  events.succeeded(context);
  expect(log.lines[0]).not.toHaveProperty('key_id');
  expect(log.of('auth_succeeded')).toMatchObject([
    { request_id: context.requestId, key_id: 'k1', user_id: 'u1' },
  ]);
});

it('reports a refusal with what is known of the key, and no outage', () => {
  refusals.of(KEY_REFUSALS.refused, context, { keyPrefix: 'hk_live_abcd' });
  refusals.of(authServiceUnavailable('timeout', 1), context);
  expect(told).toEqual([
    expect.objectContaining({ reason: 'refused', clientIp: ADDRESS, keyPrefix: 'hk_live_abcd' }),
  ]);
});
