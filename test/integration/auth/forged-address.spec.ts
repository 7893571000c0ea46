import { ask, KEY, startAuthSetup, withKey, type AuthSetup, type HeaderList } from './setup.js';

const FORGED: [string, HeaderList][] = [
  ['X-Forwarded-For', { 'x-forwarded-for': '10.1.2.3' }],
  ['several in X-Forwarded-For', { 'x-forwarded-for': '10.1.2.3, 10.1.2.4' }],
  ['X-Real-IP', { 'x-real-ip': '10.1.2.3' }],
  ['Forwarded', { forwarded: 'for=10.1.2.3' }],
  ['X-Client-IP and CF-Connecting-IP', { 'x-client-ip': '10.1.2.3', 'cf-connecting-ip': '10.1.2.3' }],
];

/** The key may be used from 10.0.0.0/8 alone, where the caller is not. */
describe.each([
  ['without a proxy', '0', (headers: HeaderList): HeaderList => headers, '127.0.0.1'],
  [
    'behind a load balancer',
    '1',
    (headers: HeaderList): HeaderList => {
      const given = (headers as Record<string, string>)['x-forwarded-for'];
      // A load balancer adds the address that it sees to whatever the client sent.
      return { ...headers, 'x-forwarded-for': [...(given ? [given] : []), '203.0.113.5'].join(', ') };
    },
    '203.0.113.5',
  ],
] as const)('a forged address, %s', (_name, hops, onTheWay, real) => {
  let setup: AuthSetup;

  beforeAll(async () => {
    setup = await startAuthSetup({ env: { TRUSTED_PROXY_HOPS: hops } });
  });
  afterAll(() => setup?.close());

  it.each(FORGED)('in %s opens nothing, and reaches neither service', async (_where, headers) => {
    setup.auth.know(KEY, { valid: true, allowed_ips: ['10.0.0.0/8'] });
    const answer = await ask(setup.gateway, { ...withKey(), ...onTheWay(headers) });
    expect([answer.status, answer.problem?.detail]).toEqual([
      403,
      'The API key may not be used from this address',
    ]);
    expect(setup.mlflow.requests).toEqual([]);
    expect(setup.auth.calls.map((call) => call.body.client_ip)).not.toContain('10.1.2.3');
  });

  it('is not what MLflow is told', async () => {
    const open = 'hk_live_usable_from_anywhere_0000000001';
    setup.auth.know(open, { valid: true });
    const forged = {
      ...withKey(open),
      ...onTheWay({ 'x-forwarded-for': '127.0.0.1', 'x-real-ip': '10.1.2.3' }),
    };
    expect((await ask(setup.gateway, forged)).status).toBe(200);
    expect(setup.mlflow.requests.at(-1)?.headers['x-forwarded-for']).toBe(real);
    expect(setup.auth.calls.at(-1)?.body.client_ip).toBe(real);
  });
});
