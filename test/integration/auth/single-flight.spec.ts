import { Agent, request } from 'node:http';
import { generateKey } from '../../../src/lib/keys/key-format.js';
import { eventually } from '../../support/lib/eventually.js';
import { sendJson } from '../../support/servers/recording-upstream.js';
import { MLFLOW_PATH, metric, startAuthSetup, type AuthSetup } from './setup.js';

const USES = 1000;
let setup: AuthSetup;
const agent = new Agent({ keepAlive: true, maxSockets: USES });
afterEach(() => setup?.close());
afterAll(() => agent.destroy());

function use(key: string): Promise<number | undefined> {
  const headers = { authorization: `Bearer ${key}` };
  return new Promise((resolve, reject) => {
    request(setup.gateway.url + MLFLOW_PATH, { agent, headers }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode));
    })
      .on('error', reject)
      .end();
  });
}

/** The service holds back its answers until all requests have come. */
async function atOnce(key: string, release: () => void): Promise<Map<number | undefined, number>> {
  const uses: Promise<number | undefined>[] = [];
  const joined = (): Promise<number> => metric(setup.gateway, 'auth_single_flight_joins_total');
  while (uses.length < USES) {
    // In steps: connections that do not fit into the queue of the listening socket wait until TCP tries them again.
    uses.push(...Array.from({ length: USES / 4 }, () => use(key)));
    // Not at every turn: the figures of a process with 2,000 sockets cost it tens of milliseconds.
    await eventually(async () => (await joined()) === uses.length - 1, {
      intervalMs: 100,
      timeoutMs: 30_000,
    });
  }
  release();
  const counts = new Map<number | undefined, number>();
  for (const status of await Promise.all(uses)) counts.set(status, (counts.get(status) ?? 0) + 1);
  return counts;
}

/** All thousand uses come from one key and one address, which would have a share only. */
const ONE_KEY_MAY_HAVE_ALL = { MLFLOW_KEY_SHARE_PERCENT: '100' };

describe.each<[string, object, number]>([
  ['good', { valid: true, allowed_ips: null }, 200],
  ['good, without a list of addresses,', { valid: true }, 200],
  ['bad', { valid: false }, 401],
])('a %s key used 1,000 times at once for the first time', (_name, answer, status) => {
  it('makes one call, and every request gets its answer', async () => {
    setup = await startAuthSetup({ env: { AUTH_TIMEOUT_MS: '30000', ...ONE_KEY_MAY_HAVE_ALL } });
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const key = generateKey('production');
    setup.auth.know(key, async (_call, response) => {
      await gate;
      sendJson(response, 200, answer);
    });
    expect(await atOnce(key, release)).toEqual(new Map([[status, USES]]));
    expect(setup.auth.calls).toHaveLength(1);
  });
});

it('an outage answers all 1,000 with 503 by one call', async () => {
  setup = await startAuthSetup({ env: { AUTH_TIMEOUT_MS: '30000' } });
  let release = (): void => undefined;
  const gate = new Promise<void>((resolve) => (release = resolve));
  setup.auth.override(async (_request, response) => {
    await gate;
    sendJson(response, 500, {});
  });
  expect(await atOnce(generateKey('production'), release)).toEqual(new Map([[503, USES]]));
  expect(setup.auth.calls).toHaveLength(1);
});

it('different keys do not wait for each other', async () => {
  setup = await startAuthSetup();
  let release = (): void => undefined;
  const gate = new Promise<void>((resolve) => (release = resolve));
  setup.auth.know('slow-key', async (_call, response) => {
    await gate;
    sendJson(response, 200, { valid: true });
  });
  setup.auth.know('quick-key', { valid: true });
  const slow = use('slow-key');
  expect(await use('quick-key')).toBe(200);
  release();
  expect(await slow).toBe(200);
});
