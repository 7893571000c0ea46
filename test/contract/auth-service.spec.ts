import {
  startAuthSetup,
  KEY,
  OTHER_KEY,
  statusOf,
  type AuthSetup,
  type AuthSetupOptions,
} from '../integration/auth/setup.js';

const TOKEN = 'own-credential-of-the-gateway';
let setup: AuthSetup;
const start = async (options: AuthSetupOptions): Promise<void> => {
  setup = await startAuthSetup(options);
  setup.auth.know(KEY, { valid: true, allowed_ips: null });
};
afterEach(() => setup?.close());

it('under the header contract the key is a Bearer token and the body names service and address', async () => {
  await start({ env: { AUTH_CONTRACT: 'header' } });
  expect(await statusOf(setup.gateway)).toBe(200);
  const [request] = setup.auth.requests;
  expect([request?.method, request?.url]).toEqual(['POST', '/api/v1/keys/validate']);
  expect(request?.headers.authorization).toBe(`Bearer ${KEY}`);
  expect(request?.headers['content-type']).toBe('application/json');
  expect(JSON.parse(String(request?.body))).toEqual({ service_id: 'ml-platform', client_ip: '127.0.0.1' });
});

it('under the body contract the key is in the body, and no header holds it', async () => {
  await start({ env: { AUTH_CONTRACT: 'body', AUTH_SERVICE_ID: 'another-service' } });
  expect(await statusOf(setup.gateway)).toBe(200);
  const [request] = setup.auth.requests;
  expect(request?.headers.authorization).toBeUndefined();
  expect(JSON.parse(String(request?.body))).toEqual({
    api_key: KEY,
    service_id: 'another-service',
    client_ip: '127.0.0.1',
  });
});

it("the gateway's own credential takes the header, and the key then goes into the body", async () => {
  await start({ env: { HOKUSAI_AUTH_SERVICE_TOKEN: TOKEN } });
  expect(await statusOf(setup.gateway)).toBe(200);
  expect(await statusOf(setup.gateway, OTHER_KEY)).toBe(401);
  for (const request of setup.auth.requests) expect(request.headers.authorization).toBe(`Bearer ${TOKEN}`);
  expect(setup.auth.calls.map((call) => call.contract)).toEqual(['body', 'body']);
  expect(setup.gateway.logs.raw).not.toContain(TOKEN);
});

it('that credential and the header contract exclude each other at start', async () => {
  await start({});
  await expect(setup.replica({ HOKUSAI_AUTH_SERVICE_TOKEN: TOKEN, AUTH_CONTRACT: 'header' })).rejects.toThrow(
    'AUTH_CONTRACT=header',
  );
});

describe.each(['header', 'body'] as const)('a service that speaks the %s contract alone', (contract) => {
  it('is found out with the first good key, and then asked once a key', async () => {
    await start({ auth: { contracts: [contract] } });
    expect(await statusOf(setup.gateway)).toBe(200);
    const probes = setup.auth.requests.length;
    expect(probes).toBe(contract === 'header' ? 1 : 2);
    setup.auth.know(OTHER_KEY);
    expect(await statusOf(setup.gateway, OTHER_KEY)).toBe(200);
    expect(await statusOf(setup.gateway, 'a-bad-key')).toBe(401);
    expect(setup.auth.requests.length).toBe(probes + 2);
    expect(setup.auth.calls.at(-1)?.contract).toBe(contract);
  });

  it('refuses a bad key before any good one has come', async () => {
    await start({ auth: { contracts: [contract] } });
    expect(await statusOf(setup.gateway, 'a-bad-key')).toBe(401);
    expect(await statusOf(setup.gateway)).toBe(200);
  });

  it('is an outage under the other contract where that one is fixed', async () => {
    const other = contract === 'header' ? 'body' : 'header';
    await start({ auth: { contracts: [contract] }, env: { AUTH_CONTRACT: other } });
    expect(await statusOf(setup.gateway)).toBe(503);
  });
});

it('a service that changes its contract is found out again', async () => {
  const contracts: ('header' | 'body')[] = ['header'];
  await start({ auth: { contracts } });
  expect(await statusOf(setup.gateway)).toBe(200);
  contracts[0] = 'body';
  setup.auth.know(OTHER_KEY);
  expect(await statusOf(setup.gateway, OTHER_KEY)).toBe(200);
  setup.auth.know('a-third-key');
  const before = setup.auth.requests.length;
  expect(await statusOf(setup.gateway, 'a-third-key')).toBe(200);
  expect(setup.auth.requests.length).toBe(before + 1);
});
