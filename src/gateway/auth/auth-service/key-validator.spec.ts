import { Registry } from 'prom-client';
import { keyFacts } from '../../../../test/support/lib/key-facts.js';
import { LogCapture } from '../../../../test/support/lib/log-capture.js';
import { ManualClock } from '../../../../test/support/lib/manual-clock.js';
import { JsonLogger } from '../../../platform/logging/logger.js';
import { AuthConfig } from '../../config/auth.config.js';
import { breakerPolicy } from '../../resilience/breaker.policy.js';
import { bulkheadPolicy } from '../../resilience/bulkhead.policy.js';
import { retryPolicy } from '../../resilience/retry.policy.js';
import { timeoutPolicy } from '../../resilience/timeout.policy.js';
import { AuthMetrics } from '../auth.metrics.js';
import { AuthEvents } from '../auth.events.js';
import type { AuthServiceClient } from './auth-service.client.js';
import { AuthServiceError, type AuthFault } from './auth-service.error.js';
import type { Reply } from './auth-service.reply.js';
import { CallPolicies } from './call-policies.js';
import { ContractNegotiator } from './contract.negotiator.js';
import { KeyValidator } from './key-validator.js';

const YES: Reply = { kind: 'valid', facts: keyFacts(), addressBound: false };
const QUESTION = { key: 'a-secret-key', clientIp: '192.0.2.1', requestId: 'r1' };

let clock: ManualClock;
let log: LogCapture;
let registry: Registry;
let validator: KeyValidator;
/** What the auth service does at the next call. */
let answer: () => Reply | Promise<Reply>;

beforeEach(() => {
  clock = new ManualClock();
  log = new LogCapture();
  registry = new Registry();
  const config = Object.assign(new AuthConfig(), { retryAttempts: 0 });
  const policies = new CallPolicies(
    bulkheadPolicy(1, 0),
    breakerPolicy({ breakerFailures: 3, breakerResetSeconds: 60 }),
    retryPolicy(config),
    timeoutPolicy({ timeoutMs: 2000 }),
  );
  const client = { ask: async () => answer() } as unknown as AuthServiceClient;
  const events = new AuthEvents(new AuthMetrics(registry), new JsonLogger('info', log));
  const negotiator = new ContractNegotiator('header');
  validator = new KeyValidator(client, negotiator, policies, events, clock);
});

const fail = (error: unknown) => (): never => {
  throw error;
};
const faultOf = async (): Promise<unknown> =>
  validator.validate(QUESTION).then(
    ({ kind }) => kind,
    (error: unknown) => (error instanceof AuthServiceError ? error.message : error),
  );

it.each<[string, Reply]>([
  ['valid', YES],
  ['refused', { kind: 'refused', status: 401 }],
  ['forbidden', { kind: 'forbidden' }],
])('%s is a verdict, counted and no outage', async (kind, reply) => {
  answer = () => reply;
  expect(await faultOf()).toBe(kind);
  expect([validator.outageOngoing, log.lines]).toEqual([false, []]);
  expect(await registry.metrics()).toContain(`auth_validation_calls_total{outcome="${kind}",fault="none"} 1`);
});

it.each([
  ['timeout', new AuthServiceError('timeout')],
  ['server-error: 500', new AuthServiceError('server-error', '500')],
  ['connection: TypeError', new TypeError('a-secret-key is not a function')],
  ['connection: unknown', 'a-secret-key'],
])('%s is an outage and not a verdict, and its error does not hold the key', async (message, error) => {
  answer = fail(error);
  expect(await faultOf()).toBe(message);
  expect(validator.outageOngoing).toBe(true);
  expect(log.of('auth_service_fault')).toMatchObject([
    { request_id: 'r1', fault: message.split(':')[0], breaker: 'closed' },
  ]);
  expect(log.raw).not.toContain('a-secret-key');
});

it.each<[string, AuthFault, boolean]>([
  ['a call that nobody answered', 'timeout', true],
  ['an answer that is none', 'server-error', true],
  ['a limit of the service', 'throttled', false],
  ['an answer in another contract', 'contract', false],
])('%s: whether the service is away after it', async (_title, fault, away) => {
  answer = fail(new AuthServiceError(fault));
  await faultOf();
  expect(validator.away).toBe(away);
  clock.advance(10_000);
  expect(validator.away).toBe(away);
  clock.advance(1);
  expect(validator.away).toBe(false);
});

it('a verdict ends it being away at once', async () => {
  answer = fail(new AuthServiceError('timeout'));
  await faultOf();
  answer = () => YES;
  await faultOf();
  expect(validator.away).toBe(false);
});

describe('an answer that cannot be read for one key', () => {
  const odd = fail(new AuthServiceError('malformed', 'burst', 'key'));

  it('is counted and logged, and opens no breaker, however often it comes', async () => {
    answer = odd;
    for (let n = 0; n < 12; n++) expect(await faultOf()).toBe('malformed: burst');
    expect([validator.breakerState, validator.away]).toEqual(['closed', false]);
    expect(log.of('auth_service_fault')).toHaveLength(12);
    expect(await registry.metrics()).toContain('{outcome="fault",fault="malformed"} 12');
    answer = () => YES;
    expect(await faultOf()).toBe('valid');
  });

  it('proves that the service answers: failed calls before it are no longer in a row', async () => {
    for (const next of [fail(new AuthServiceError('timeout')), odd, fail(new AuthServiceError('timeout'))])
      for (let n = 0; n < 2; n++) {
        answer = next;
        await faultOf();
      }
    expect(validator.breakerState).toBe('closed');
  });
});

it('one lost call in a quiet hour is not an outage of an hour', async () => {
  answer = fail(new AuthServiceError('timeout'));
  await faultOf();
  clock.advance(3_600_000);
  expect([validator.outageOngoing, validator.outageSeconds, validator.retryAfterSeconds()]).toEqual([
    false,
    0,
    1,
  ]);
});

it('says what to do where the service limits the gateway', async () => {
  answer = fail(new AuthServiceError('throttled', '429'));
  await faultOf();
  expect(log.of('auth_service_fault')[0]?.['message']).toContain('HOKUSAI_AUTH_SERVICE_TOKEN');
});

it('an outage has an age, which any verdict ends', async () => {
  answer = fail(new AuthServiceError('connection'));
  await faultOf();
  clock.advance(17_400);
  await faultOf();
  expect([validator.outageSeconds, validator.retryAfterSeconds()]).toEqual([17, 17]);
  answer = () => ({ kind: 'refused', status: 401 });
  await faultOf();
  await faultOf();
  expect([validator.outageSeconds, validator.retryAfterSeconds()]).toEqual([0, 1]);
  expect(log.of('auth_service_restored')).toMatchObject([{ outage_seconds: 17 }]);
});

it('an open breaker prolongs the outage, and is not logged for each request', async () => {
  answer = fail(new AuthServiceError('connection'));
  for (let n = 0; n < 3; n++) await faultOf();
  clock.advance(50_000);
  expect([await faultOf(), validator.breakerState]).toEqual(['breaker-open', 'open']);
  clock.advance(50_000);
  await faultOf();
  expect(validator.outageSeconds).toBe(100);
  expect(log.of('auth_service_fault')).toHaveLength(3);
  expect(await registry.metrics()).toContain('{outcome="fault",fault="breaker-open"} 2');
});

it('more calls than the bulkhead takes are overloaded, without a call', async () => {
  const reply = Promise.withResolvers<Reply>();
  answer = () => reply.promise;
  const first = faultOf();
  expect(validator.load).toEqual({ underWay: 1, waiting: 0 });
  expect(await faultOf()).toBe('overloaded');
  clock.advance(300);
  reply.resolve(YES);
  expect(await first).toBe('valid');
  expect(await registry.metrics()).toContain('auth_validation_duration_seconds_sum 0.3');
});
