import type { IncomingMessage } from 'node:http';
import { Registry } from 'prom-client';
import { LogCapture } from '../../../test/support/log-capture.js';
import { ManualClock } from '../../../test/support/manual-clock.js';
import type { ProblemError } from '../../lib/problem-error.js';
import { JsonLogger } from '../../platform/logging/logger.js';
import { RequestContext } from '../../platform/request/request-context.js';
import { RateLimitConfig } from '../config/rate-limit.config.js';
import { FailedAuthLimiter } from './failed-auth/failed-auth-limiter.js';
import { RateLimitMetrics } from '../rate-limit/rate-limit.metrics.js';
import { AuthMetrics } from './auth.metrics.js';
import { Refusals } from './refusals.js';
import { AuthServiceError } from './auth-service/auth-service.error.js';
import type { KeyValidator } from './auth-service/key-validator.js';

const ADDRESS = '192.0.2.1';
const REALM = 'Bearer realm="mlflow"';

let refusals: Refusals;
let limiter: FailedAuthLimiter;
let registry: Registry;
let log: LogCapture;
let context: RequestContext;

beforeEach(() => {
  registry = new Registry();
  log = new LogCapture();
  const config = Object.assign(new RateLimitConfig(), { failedAuthPerMinute: 1 });
  limiter = new FailedAuthLimiter(config, new ManualClock(), new RateLimitMetrics(registry), null);
  const validator = { retryAfterSeconds: () => 17 } as KeyValidator;
  refusals = new Refusals(limiter, validator, new AuthMetrics(registry), new JsonLogger('info', log));
  const request = { url: '/', headers: {}, socket: { remoteAddress: ADDRESS } };
  context = new RequestContext(request as unknown as IncomingMessage, 0, 0);
});

type Refuse = () => ProblemError;
const CHALLENGED = { 'www-authenticate': `${REALM}, error="invalid_token"` };

it.each<[string, Refuse, number, string, object, boolean]>([
  // reason, refusal, status, problem, headers, counted against the address
  [
    'missing',
    () => refusals.badCredential(context, 'missing'),
    401,
    'api-key-required',
    { 'www-authenticate': REALM },
    false,
  ],
  [
    'malformed',
    () => refusals.badCredential(context, 'malformed'),
    401,
    'malformed-credential',
    CHALLENGED,
    false,
  ],
  [
    'conflicting',
    () => refusals.badCredential(context, 'conflicting'),
    400,
    'conflicting-credentials',
    {},
    false,
  ],
  ['refused', () => refusals.badKey(context, 'refused'), 401, 'invalid-api-key', CHALLENGED, true],
  ['expired', () => refusals.badKey(context, 'expired'), 401, 'invalid-api-key', CHALLENGED, true],
  ['address-not-allowed', () => refusals.addressNotAllowed(context), 403, 'address-not-allowed', {}, false],
  ['forbidden', () => refusals.forbidden(context), 403, 'key-forbidden', {}, true],
  [
    'too-many-failed-attempts',
    () => refusals.blocked(context, 9),
    429,
    'too-many-failed-attempts',
    { 'retry-after': '9' },
    false,
  ],
  [
    'auth-service-timeout',
    () => refusals.unavailable(context, new AuthServiceError('timeout')),
    503,
    'auth-service-unavailable',
    { 'retry-after': '17' },
    false,
  ],
  [
    'auth-service-internal',
    () => refusals.unavailable(context, new TypeError('x')),
    503,
    'auth-service-unavailable',
    { 'retry-after': '17' },
    false,
  ],
])('%s', async (reason, refuse, status, problem, headers, counted) => {
  const refusal = refuse();
  expect([refusal.status, refusal.problem, refusal.headers]).toEqual([status, problem, headers]);
  expect([refusal.reason, context.reason]).toEqual([reason, reason]);
  expect(log.of('auth_refused')).toMatchObject([{ level: 'warn', client_ip: ADDRESS, reason }]);
  expect(await registry.metrics()).toContain(`auth_refusals_total{reason="${reason}"} 1`);
  expect(Number(limiter.blockedForSeconds(ADDRESS)) > 0).toBe(counted);
});

it('every reason for which a key is no use has the same words', () => {
  const texts = (['refused', 'mistyped', 'expired'] as const).map((reason) =>
    JSON.stringify(refusals.badKey(context, reason).toBody('r')),
  );
  expect(new Set(texts).size).toBe(1);
});

it('a fault of the gateway itself is told to its operator alone', () => {
  const { message } = refusals.unavailable(context, new TypeError('of undefined'));
  expect(log.of('auth_internal_error')).toMatchObject([{ level: 'error', error: 'TypeError: of undefined' }]);
  expect(message).not.toContain('undefined');
  log.clear();
  refusals.unavailable(context, new AuthServiceError('connection'));
  expect(log.of('auth_internal_error')).toEqual([]);
});

it('the log names a key and a user that are known, and nothing in their place', () => {
  refusals.forbidden(context);
  Object.assign(context, { keyId: 'k1', userId: 'u1' });
  refusals.succeeded(context);
  expect(log.lines[0]).not.toHaveProperty('key_id');
  expect(log.of('auth_succeeded')).toMatchObject([
    { request_id: context.requestId, key_id: 'k1', user_id: 'u1' },
  ]);
});
