import { ERROR_CODE_KEY_CHECK_UNAVAILABLE } from '../../../src/contracts/keys/key-validation.js';
import { eventually } from '../../support/lib/eventually.js';
import { startFakeAuthService } from '../../support/servers/fake-auth-service.js';
import { sendJson } from '../../support/servers/recording-upstream.js';
import {
  ADMIN_TOKEN,
  ask,
  KEY,
  metric,
  OTHER_KEY,
  startAuthSetup,
  statusOf,
  withKey,
  type AuthSetup,
} from './setup.js';

let setup: AuthSetup;
afterEach(() => setup?.close());
const outage = (): void => setup.auth.override((_request, response) => sendJson(response, 500, {}));
const retryAfter = async (): Promise<string | null> =>
  (await ask(setup.gateway, withKey(OTHER_KEY))).headers.get('retry-after');
const health = async (): Promise<string> => {
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
  return (await fetch(`${setup.gateway.url}/health/detailed`, { headers })).text();
};

it('Retry-After grows with the outage, in whole seconds from 1 to 30, and starts again after it', async () => {
  setup = await startAuthSetup({ env: { AUTH_BREAKER_FAILURES: '10000' } });
  outage();
  const seen: (string | null)[] = [];
  for (let n = 0; n < 6; n++) {
    seen.push(await retryAfter());
    setup.clock.advance(9500);
  }
  expect(seen).toEqual(['1', '9', '19', '28', '30', '30']);
  setup.auth.override();
  setup.auth.know(KEY);
  expect(await statusOf(setup.gateway)).toBe(200);
  outage();
  expect(await retryAfter()).toBe('1');
  expect(setup.gateway.logs.of('auth_service_restored')).toMatchObject([{ outage_seconds: 57 }]);
});

it('a stopped auth service is 503 for the unknown and nothing to the known, and coming back ends it', async () => {
  setup = await startAuthSetup({ env: { AUTH_BREAKER_FAILURES: '3', AUTH_BREAKER_RESET_SECONDS: '1' } });
  setup.auth.know(KEY, { valid: true, allowed_ips: null });
  expect(await statusOf(setup.gateway)).toBe(200);
  const { port } = setup.auth;
  await setup.auth.close();
  for (let n = 0; n < 10; n++) expect(await statusOf(setup.gateway, `unknown-key-${n}`)).toBe(503);
  expect(await metric(setup.gateway, 'auth_breaker_state')).toBe(2);
  expect(
    await metric(setup.gateway, 'auth_validation_calls_total', '{outcome="fault",fault="breaker-open"}'),
  ).toBe(7);
  expect(setup.gateway.logs.of('auth_service_fault')).toHaveLength(3);
  setup.clock.advance(1_000_000);
  expect(await statusOf(setup.gateway)).toBe(200);

  const back = await startFakeAuthService({ port });
  back.know(OTHER_KEY);
  await eventually(async () => (await statusOf(setup.gateway, OTHER_KEY)) === 200);
  expect(await metric(setup.gateway, 'auth_breaker_state')).toBe(0);
  await back.close();
});

it('after an outage a thousand keys make one probe first and no herd', async () => {
  setup = await startAuthSetup({ env: { AUTH_BREAKER_FAILURES: '3', AUTH_BREAKER_RESET_SECONDS: '1' } });
  outage();
  for (let n = 0; n < 3; n++) await statusOf(setup.gateway, `first-key-${n}`);
  let underWay = 0;
  let most = 0;
  setup.auth.override(async (_request, response) => {
    most = Math.max(most, ++underWay);
    await new Promise((resolve) => setImmediate(resolve));
    underWay--;
    sendJson(response, 200, { valid: true });
  });
  await eventually(async () => (await statusOf(setup.gateway, 'a-probing-key')) === 200);
  const statuses = await Promise.all(
    Array.from({ length: 300 }, (_one, n) => statusOf(setup.gateway, `key-${n}`)),
  );
  expect(new Set(statuses)).toEqual(new Set([200]));
  expect(most).toBeLessThanOrEqual(64);
});

it('failed calls are repeated, but no more often than configured', async () => {
  setup = await startAuthSetup({ env: { AUTH_RETRY_ATTEMPTS: '2' } });
  let failures = 2;
  setup.auth.override((_request, response) =>
    failures-- > 0 ? response.destroy() : sendJson(response, 200, { valid: true }),
  );
  expect(await statusOf(setup.gateway)).toBe(200);
  expect(setup.auth.requests).toHaveLength(3);
  failures = 1000;
  expect(await statusOf(setup.gateway, OTHER_KEY)).toBe(503);
  expect(setup.auth.requests).toHaveLength(6);
});

it('an outage counts nobody as refused, and neither does a missing key', async () => {
  setup = await startAuthSetup({
    env: { RATE_LIMIT_FAILED_AUTH_PER_MINUTE: '1', AUTH_BREAKER_FAILURES: '10000' },
  });
  for (let n = 0; n < 5; n++) expect((await ask(setup.gateway, {})).status).toBe(401);
  outage();
  for (let n = 0; n < 5; n++) expect(await statusOf(setup.gateway, `key-${n}`)).toBe(503);
  setup.auth.override();
  setup.auth.know(KEY);
  expect(await statusOf(setup.gateway)).toBe(200);
});

it('an operator sees the outage in /health/detailed', async () => {
  setup = await startAuthSetup();
  expect(await health()).toContain('"auth_service":{"status":"up"');
  outage();
  await statusOf(setup.gateway);
  expect(await health()).toContain('"auth_service":{"status":"degraded"');
});

it('a start without an auth service of its own says where keys will go', async () => {
  setup = await startAuthSetup();
  const other = await setup.replica({ HOKUSAI_AUTH_SERVICE_URL: '' });
  expect(other.logs.of('auth_service_default')).toEqual([
    expect.objectContaining({ message: expect.stringContaining('https://auth.hokus.ai') }),
  ]);
});

it('plain http off loopback is worth one warning at start, on loopback none', async () => {
  setup = await startAuthSetup();
  const other = await setup.replica({ HOKUSAI_AUTH_SERVICE_URL: 'http://auth.example' });
  expect(other.logs.of('auth_service_plain_http')).toHaveLength(1);
  expect(other.logs.of('auth_service_default')).toEqual([]);
  expect(setup.gateway.logs.of('auth_service_plain_http')).toHaveLength(0);
});

it.each<object>([{ rate_limit_per_hour: 0 }, { expires_at: '' }, { allowed_ips: ['*'] }, { user_id: 5.5 }])(
  'a key of which the auth service says %j gets 503 and keeps nobody else out',
  async (member) => {
    setup = await startAuthSetup({ env: { AUTH_BREAKER_FAILURES: '3' } });
    setup.auth.know(OTHER_KEY, { valid: true, ...member });
    setup.auth.know(KEY);
    for (let n = 0; n < 12; n++) expect(await statusOf(setup.gateway, OTHER_KEY)).toBe(503);
    expect(await statusOf(setup.gateway)).toBe(200);
    expect(await metric(setup.gateway, 'auth_breaker_state')).toBe(0);
    expect(setup.gateway.logs.of('auth_service_fault')).toHaveLength(12);
  },
);

it('a key that the auth service could not check in time gets 503 for itself alone, with the wait it named', async () => {
  setup = await startAuthSetup({ env: { AUTH_BREAKER_FAILURES: '3' } });
  setup.auth.know(OTHER_KEY, (_call, response) => {
    response.setHeader('retry-after', '7');
    sendJson(response, 503, { error_code: ERROR_CODE_KEY_CHECK_UNAVAILABLE });
  });
  setup.auth.know(KEY);
  for (let n = 0; n < 12; n++) {
    const { status, headers, problem } = await ask(setup.gateway, withKey(OTHER_KEY));
    expect([status, headers.get('retry-after')]).toEqual([503, '7']);
    expect(problem).toMatchObject({ error_code: 'TEMPORARILY_UNAVAILABLE' });
  }
  expect(await statusOf(setup.gateway)).toBe(200);
  expect(await metric(setup.gateway, 'auth_breaker_state')).toBe(0);
  expect(await health()).toContain('"auth_service":{"status":"up"');
});
