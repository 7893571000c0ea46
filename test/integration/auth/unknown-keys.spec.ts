import type { ServerResponse } from 'node:http';
import { eventually } from '../../support/lib/eventually.js';
import { sendJson } from '../../support/servers/recording-upstream.js';
import { ask, KEY, metric, OTHER_KEY, startAuthSetup, withKey, type AuthSetup } from './setup.js';

let setup: AuthSetup;
afterEach(() => setup?.close());

const from = async (address: string, key: string): Promise<number> =>
  (await ask(setup.gateway, { ...withKey(key), 'x-forwarded-for': address })).status;
const waiting = (): Promise<number> => metric(setup.gateway, 'auth_unknown_keys_waiting');

interface Held {
  readonly held: ServerResponse[];
  /** Answers those that were asked about first. */
  refuse(count: number): void;
  /** Answers all of them, and those to come at once. */
  release(): void;
}

/** Answers invented keys only when told to; a key that holds `right` is valid at once. */
function holdInventedKeys(): Held {
  const held: ServerResponse[] = [];
  let holding = true;
  const answer = (response: ServerResponse): void =>
    sendJson(response, 401, { detail: 'Invalid or expired API key' });
  setup.auth.override((request, response) => {
    if (!String(request.headers.authorization).includes('invented'))
      sendJson(response, 200, { valid: true, allowed_ips: null });
    else if (holding) held.push(response);
    else answer(response);
  });
  return {
    held,
    refuse: (count) => held.splice(0, count).forEach(answer),
    release: () => {
      holding = false;
      held.splice(0).forEach(answer);
    },
  };
}

async function start(env: Record<string, string> = {}): Promise<void> {
  setup = await startAuthSetup({
    env: { TRUSTED_PROXY_HOPS: '1', AUTH_CONTRACT: 'header', AUTH_TIMEOUT_MS: '30000', ...env },
  });
}

describe('invented keys from addresses that change', () => {
  it.each([
    ['an IPv4 /24', (n: number) => `192.0.2.${n % 250}`, 20],
    ['an IPv6 /56', (n: number) => `2001:db8:1:${(n % 256).toString(16)}::1`, 20],
    ['an IPv6 /48', (n: number) => `2001:db8:1:${n.toString(16)}00::1`, 80],
  ])('of %s are asked about no further than its share', async (_name, address, share) => {
    await start({ RATE_LIMIT_FAILED_AUTH_PER_MINUTE: '5' });
    const statuses = await Promise.all(
      Array.from({ length: 250 }, (_one, n) => from(address(n), `invented-${n}`)),
    );
    expect(setup.auth.calls).toHaveLength(share);
    expect(statuses.filter((status) => status === 401)).toHaveLength(share);
    expect(statuses.filter((status) => status === 429)).toHaveLength(250 - share);
    setup.auth.know(KEY, { valid: true, allowed_ips: null });
    expect(await from('198.51.100.7', KEY)).toBe(200);
    expect(await from(address(1), KEY)).toBe(200);
  });
});

describe('while 100 invented keys of rotating /64s wait', () => {
  let invented: Held;
  let flood: Promise<number>[];

  beforeEach(async () => {
    await start();
    setup.auth.know(KEY, { valid: true, allowed_ips: null });
    expect(await from('198.51.100.7', KEY)).toBe(200);
    invented = holdInventedKeys();
    flood = Array.from({ length: 100 }, (_one, n) =>
      from(`2001:db8:1:${n.toString(16)}::1`, `invented-${n}`),
    );
    await eventually(async () => (await waiting()) === 52, { what: 'the flood, waiting' });
  });

  afterEach(async () => {
    invented.release();
    await Promise.all(flood);
  });

  it('48 of them are asked about at once', () => expect(invented.held).toHaveLength(48));

  it('a key used for the first time elsewhere is served as soon as two of them are done', async () => {
    const first = from('198.51.100.8', OTHER_KEY);
    await eventually(async () => (await waiting()) === 53, { what: 'the first use, waiting' });
    invented.refuse(2);
    expect(await first).toBe(200);
  });

  it('a key known once is validated again without waiting for any of them', async () => {
    setup.clock.advance(400_000);
    const calls = setup.auth.requests.length;
    expect(await from('198.51.100.7', KEY)).toBe(200);
    expect(setup.auth.requests.length).toBe(calls + 1);
  });
});

describe('keys at which the auth service hangs', () => {
  it('of one network do not open the breaker, and count against it', async () => {
    await start({
      AUTH_TIMEOUT_MS: '200',
      RATE_LIMIT_FAILED_AUTH_PER_MINUTE: '20',
      AUTH_BREAKER_FAILURES: '3',
    });
    holdInventedKeys();
    const guesses = await Promise.all(
      Array.from({ length: 55 }, (_one, n) => from('192.0.2.1', `invented-${n}`)),
    );
    expect(new Set(guesses)).toEqual(new Set([503, 429]));
    expect(guesses.filter((status) => status === 503)).toHaveLength(21);
    expect(await metric(setup.gateway, 'auth_breaker_state')).toBe(0);
    expect(await from('198.51.100.7', OTHER_KEY)).toBe(200);
    expect(await from('192.0.2.1', 'invented-again')).toBe(429);
  });

  it('of several networks are a sign that it is in trouble', async () => {
    await start({ AUTH_TIMEOUT_MS: '200', AUTH_BREAKER_FAILURES: '3' });
    holdInventedKeys();
    for (const address of ['192.0.2.1', '198.51.100.1', '203.0.113.1'])
      expect(await from(address, `invented-${address}`)).toBe(503);
    expect(await metric(setup.gateway, 'auth_breaker_state')).toBe(2);
  });
});
