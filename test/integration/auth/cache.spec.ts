import { eventually } from '../../support/lib/eventually.js';
import { sendJson } from '../../support/servers/recording-upstream.js';
import { ask, KEY, metric, startAuthSetup, statusOf, withKey, type AuthSetup } from './setup.js';

const SECOND = 1000;
let setup: AuthSetup;
beforeEach(async () => {
  setup = await startAuthSetup({ env: { AUTH_BREAKER_FAILURES: '10000', TRUSTED_PROXY_HOPS: '1' } });
});
afterEach(() => setup?.close());

const outage = (): void => setup.auth.override((_request, response) => sendJson(response, 500, {}));
const calls = (): number => setup.auth.calls.length;
const untilCalls = (count: number): Promise<boolean> =>
  eventually(() => calls() === count, { what: `${count} calls` });
/** The refresh in the background has ended. */
const settled = (): Promise<boolean> =>
  eventually(async () => (await metric(setup.gateway, 'auth_lookups_in_flight')) === 0);

describe('facts about a valid key', () => {
  beforeEach(async () => {
    setup.auth.know(KEY, { valid: true, key_id: 'k1', allowed_ips: null });
    expect(await statusOf(setup.gateway)).toBe(200);
    expect(calls()).toBe(1);
  });

  it('are used without a call for 300 s', async () => {
    setup.clock.advance(299 * SECOND);
    for (let n = 0; n < 5; n++) expect(await statusOf(setup.gateway)).toBe(200);
    expect(calls()).toBe(1);
    expect(await metric(setup.gateway, 'auth_cache_lookups_total', '{result="fresh"}')).toBe(5);
  });

  it('are still used while they are fetched again, for 60 s', async () => {
    setup.clock.advance(359 * SECOND);
    expect(await statusOf(setup.gateway)).toBe(200);
    await untilCalls(2);
    await settled();
    setup.clock.advance(299 * SECOND);
    expect(await statusOf(setup.gateway)).toBe(200);
    expect(calls()).toBe(2);
    expect(await metric(setup.gateway, 'auth_cache_lookups_total', '{result="stale"}')).toBe(1);
  });

  it('do not outlive the answer that took them back', async () => {
    setup.auth.forget(KEY);
    setup.clock.advance(359 * SECOND);
    expect(await statusOf(setup.gateway)).toBe(200);
    await settled();
    expect(await statusOf(setup.gateway)).toBe(401);
    outage();
    setup.clock.advance(31 * SECOND);
    expect(await statusOf(setup.gateway)).toBe(503);
  });

  it('are asked for before an answer is given, after that', async () => {
    setup.auth.forget(KEY);
    setup.clock.advance(361 * SECOND);
    expect(await statusOf(setup.gateway)).toBe(401);
  });

  it('stand in for a failed call for 900 s, and no longer', async () => {
    outage();
    setup.clock.advance(1199 * SECOND);
    expect(await statusOf(setup.gateway)).toBe(200);
    expect(calls()).toBe(2);
    expect(await metric(setup.gateway, 'auth_cache_lookups_total', '{result="stale_if_error"}')).toBe(1);
    setup.clock.advance(2 * SECOND);
    expect(await statusOf(setup.gateway)).toBe(503);
  });

  it('are dropped by a 403, which no outage turns back into a yes', async () => {
    setup.auth.override((_request, response) => sendJson(response, 403, {}));
    setup.clock.advance(400 * SECOND);
    expect(await statusOf(setup.gateway)).toBe(403);
    outage();
    expect(await statusOf(setup.gateway)).toBe(503);
  });
});

describe('facts are judged on every request', () => {
  it('a key expires while its facts are fresh', async () => {
    const expiresAt = new Date(setup.clock.now() + 10 * SECOND).toISOString();
    setup.auth.know(KEY, { valid: true, expires_at: expiresAt, allowed_ips: null });
    expect(await statusOf(setup.gateway)).toBe(200);
    setup.clock.advance(10 * SECOND);
    const answer = await ask(setup.gateway, withKey());
    expect([answer.status, answer.problem?.detail]).toEqual([401, 'Invalid or expired API key']);
    expect(calls()).toBe(1);
    expect(setup.gateway.logs.of('auth_refused')).toMatchObject([{ reason: 'expired' }]);
  });

  it('a cached key is refused from an address that is not on its list, IPv4 and IPv6', async () => {
    setup.auth.know(KEY, { valid: true, allowed_ips: ['192.0.2.0/24', '2001:db8::/32'] });
    const from = async (address: string): Promise<number> =>
      (await ask(setup.gateway, { ...withKey(), 'x-forwarded-for': address })).status;
    expect(await from('192.0.2.1')).toBe(200);
    expect(await from('192.0.3.1')).toBe(403);
    expect(await from('2001:db8:1::1')).toBe(200);
    expect(await from('2001:db9::1')).toBe(403);
    expect(await from('::ffff:192.0.2.9')).toBe(200);
    expect(calls()).toBe(1);
  });
});

describe('what was said for one address is not used for another', () => {
  const from = async (address: string): Promise<number> =>
    (await ask(setup.gateway, { ...withKey(), 'x-forwarded-for': address })).status;

  it('facts without a list of addresses', async () => {
    setup.auth.know(KEY, (call, response) =>
      call.body.client_ip === '192.0.2.1'
        ? sendJson(response, 200, { valid: true })
        : sendJson(response, 200, { valid: false }),
    );
    for (let n = 0; n < 3; n++) {
      expect(await from('192.0.2.1')).toBe(200);
      expect(await from('192.0.2.2')).toBe(401);
    }
    expect(calls()).toBe(2);
  });

  it('refusals', async () => {
    setup.auth.know(KEY, (call, response) =>
      sendJson(response, 200, { valid: call.body.client_ip !== '192.0.2.1' }),
    );
    for (let n = 0; n < 3; n++) {
      expect(await from('192.0.2.1')).toBe(401);
      expect(await from('192.0.2.2')).toBe(200);
    }
    expect(calls()).toBe(2);
  });
});

describe('a refusal', () => {
  it('is remembered for 30 s', async () => {
    expect(await statusOf(setup.gateway)).toBe(401);
    const first = calls();
    setup.auth.know(KEY, { valid: true });
    setup.clock.advance(29 * SECOND);
    expect(await statusOf(setup.gateway)).toBe(401);
    expect(calls()).toBe(first);
    setup.clock.advance(2 * SECOND);
    expect(await statusOf(setup.gateway)).toBe(200);
    expect(await metric(setup.gateway, 'auth_cache_lookups_total', '{result="negative"}')).toBe(1);
  });
});

describe('memory is bounded', () => {
  it('random keys evict no good one, and good keys beyond the bound are asked for again', async () => {
    const small = await setup.replica({ AUTH_CACHE_MAX_ENTRIES: '10', AUTH_CACHE_MAX_REFUSALS: '5' });
    setup.auth.know(KEY, { valid: true, allowed_ips: null });
    expect(await statusOf(small)).toBe(200);
    const after = calls();
    for (let n = 0; n < 50; n++) expect(await statusOf(small, `random-key-${n}`)).toBe(401);
    expect(await statusOf(small)).toBe(200);
    expect(setup.auth.calls.slice(after).some((call) => call.apiKey === KEY)).toBe(false);

    for (let n = 0; n < 50; n++) {
      setup.auth.know(`good-key-${n}`, { valid: true, allowed_ips: null });
      expect(await statusOf(small, `good-key-${n}`)).toBe(200);
    }
    expect(await metric(small, 'auth_cached_keys')).toBeLessThanOrEqual(10);
    const before = calls();
    expect(await statusOf(small, 'good-key-0')).toBe(200);
    expect(calls()).toBe(before + 1);
  });
});
