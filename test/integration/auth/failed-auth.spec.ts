import { ERROR_CATALOGUE } from '../../../src/contracts/errors/error-codes.js';
import { sendJson } from '../../support/servers/recording-upstream.js';
import { ask, KEY, startAuthSetup, withKey, type Answer, type AuthSetup } from './setup.js';

const LIMIT = 5;
let setup: AuthSetup;
beforeEach(async () => {
  setup = await startAuthSetup({
    env: { RATE_LIMIT_FAILED_AUTH_PER_MINUTE: String(LIMIT), TRUSTED_PROXY_HOPS: '1' },
  });
  setup.auth.know(KEY, { valid: true, allowed_ips: null });
});
afterEach(() => setup?.close());

const from = (address: string, key: string): Promise<Answer> =>
  ask(setup.gateway, { ...withKey(key), 'x-forwarded-for': address });
const exhaust = async (address: string): Promise<void> => {
  for (let n = 0; n < LIMIT; n++) expect((await from(address, `bad-key-${n}`)).status).toBe(401);
};

it('an address that sent too many refused keys gets 429 for an unknown one, without a call', async () => {
  await exhaust('192.0.2.1');
  const calls = setup.auth.calls.length;
  const answer = await from('192.0.2.1', 'one-more-bad-key');
  expect(answer.status).toBe(429);
  expect(answer.problem).toMatchObject({
    detail: ERROR_CATALOGUE['too-many-failed-attempts'].detail,
    error_code: 'REQUEST_LIMIT_EXCEEDED',
  });
  const seconds = Number(answer.headers.get('retry-after'));
  expect(Number.isInteger(seconds) && seconds >= 1 && seconds <= 61).toBe(true);
  expect(answer.headers.get('www-authenticate')).toBeNull();
  expect(setup.auth.calls.length).toBe(calls);
  setup.clock.advance(61_000);
  expect((await from('192.0.2.1', 'one-more-bad-key')).status).toBe(401);
});

it('many refused keys at once are looked at no further than the limit', async () => {
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_one, n) => from('192.0.2.1', `bad-key-${n}`)),
  );
  const count = (status: number): number => answers.filter((answer) => answer.status === status).length;
  expect([count(401), count(429)]).toEqual([LIMIT, 100 - LIMIT]);
  expect(new Set(setup.auth.calls.map((call) => call.apiKey)).size).toBe(LIMIT);
});

it('a key that the auth service answers with 403 is asked about no further than the limit, and harms no other', async () => {
  const forbidden = 'a-key-for-another-service';
  setup.auth.know(forbidden, (_call, response) => sendJson(response, 403, { detail: 'Forbidden' }));
  expect((await from('192.0.2.1', KEY)).status).toBe(200);
  for (let n = 0; n < LIMIT; n++) expect((await from('192.0.2.1', forbidden)).status).toBe(403);
  const calls = setup.auth.calls.length;
  expect((await from('192.0.2.1', forbidden)).status).toBe(429);
  expect(setup.auth.calls.length).toBe(calls);
  expect((await from('192.0.2.1', KEY)).status).toBe(200);
  expect((await from('192.0.2.2', forbidden)).status).toBe(403);
  setup.clock.advance(61_000);
  expect((await from('192.0.2.1', forbidden)).status).toBe(403);
});

it('many good keys at once are all let in, though more than may be refused', async () => {
  const keys = Array.from({ length: 100 }, (_one, n) => `good-key-${n}`);
  for (const key of keys) setup.auth.know(key, { valid: true });
  const answers = await Promise.all(keys.map((key) => from('192.0.2.1', key)));
  expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200]));
});

it('during an outage nobody waits for those before him', async () => {
  await setup.auth.close();
  const answers = await Promise.all(Array.from({ length: 100 }, (_one, n) => from('192.0.2.1', `key-${n}`)));
  expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([503]));
});

it('a key known valid is never affected, fresh, stale or standing in', async () => {
  expect((await from('192.0.2.1', KEY)).status).toBe(200);
  await exhaust('192.0.2.1');
  expect((await from('192.0.2.1', KEY)).status).toBe(200);
  for (const ms of [350_000, 400_000]) {
    setup.clock.advance(ms);
    await exhaust('192.0.2.1');
    expect((await from('192.0.2.1', KEY)).status).toBe(200);
  }
});

it('a key that is known to be refused still gets the refusal', async () => {
  await exhaust('192.0.2.1');
  expect((await from('192.0.2.1', 'bad-key-0')).status).toBe(401);
});

it('another address is not affected', async () => {
  await exhaust('192.0.2.1');
  expect((await from('192.0.2.2', KEY)).status).toBe(200);
});
