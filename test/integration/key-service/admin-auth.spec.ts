import { startKeyDatabases, type KeyDatabases } from '../../support/servers/key-databases.js';
import {
  startTestKeyService,
  TEST_ADMIN_TOKEN,
  type Answered,
  type TestKeyService,
} from '../../support/systems/key-service.js';
import { ManualClock } from '../../support/lib/manual-clock.js';

const SECOND_TOKEN = 'the-token-that-comes-next';
const SERVICE_TOKEN = 'a-service-token-of-some-length';
const NOBODY = '00000000-0000-4000-8000-000000000000';

describe('admin authentication', () => {
  const clock = new ManualClock();
  let databases: KeyDatabases;
  let service: TestKeyService;
  let keyId: string;

  beforeAll(async () => {
    databases = await startKeyDatabases('sqlite');
    service = await startTestKeyService(
      {
        DATABASE_URL: await databases.next(),
        HOKUSAI_ADMIN_TOKEN: `${TEST_ADMIN_TOKEN},${SECOND_TOKEN}`,
        SERVICE_TOKENS: SERVICE_TOKEN,
        ADMIN_FAILED_AUTH_PER_MINUTE: '4',
        TRUSTED_PROXY_HOPS: '1',
      },
      { clock },
    );
    const created = await service.call('POST', '/keys', { name: 'n', service_id: 'ml-platform' });
    keyId = String(created.body['key_id']);
  });

  afterAll(async () => {
    await service?.close();
    await databases?.close();
  });

  beforeEach(() => clock.advance(61_000));

  const as = (token: string | undefined, from = '198.51.100.1'): Record<string, string> => ({
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    'x-forwarded-for': from,
  });
  const list = (headers: Record<string, string>): Promise<Answered> =>
    service.call('GET', '/keys', undefined, headers);

  it('lets in each of several tokens, so that they can be exchanged without a gap', async () => {
    expect((await list(as(TEST_ADMIN_TOKEN))).status).toBe(200);
    expect((await list(as(SECOND_TOKEN))).status).toBe(200);
  });

  it.each(['/keys', `/keys/${NOBODY}`, '/keys/no-uuid', '/audit', '/usage/summary'])(
    'asks for an admin token at %s, and says the same whether the key exists or not',
    async (path) => {
      const answer = await service.call('GET', path, undefined, as(undefined));
      expect(answer).toMatchObject({ status: 401, body: { detail: 'Admin token required' } });
      expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="key-service"');
      const known = await service.call('GET', `/keys/${keyId}`, undefined, as(undefined));
      expect({ ...known.body, instance: '', request_id: '' }).toEqual({
        ...answer.body,
        instance: '',
        request_id: '',
      });
    },
  );

  it('says the same before the fields of a body are looked at', async () => {
    for (const [method, path] of [
      ['POST', '/keys'],
      ['PATCH', `/keys/${keyId}`],
      ['DELETE', `/keys/${keyId}`],
      ['POST', `/keys/${keyId}/rotate`],
    ] as const)
      expect((await service.call(method, path, { wrong: 1 }, as(undefined))).status).toBe(401);
  });

  it('refuses wrong tokens, tokens of services, and other schemes', async () => {
    expect((await list(as(SERVICE_TOKEN))).status).toBe(401);
    expect((await list(as(`${TEST_ADMIN_TOKEN}x`))).status).toBe(401);
    expect((await list({ authorization: `Basic ${btoa(`admin:${TEST_ADMIN_TOKEN}`)}` })).status).toBe(401);
    expect((await list({ authorization: TEST_ADMIN_TOKEN })).status).toBe(401);
    expect(service.logs.of('admin_auth_failed').length).toBeGreaterThan(0);
    expect(service.logs.raw).not.toContain(TEST_ADMIN_TOKEN);
  });

  it('limits refused tokens by address, and still lets the right ones through', async () => {
    for (let n = 0; n < 4; n++) expect((await list(as(`wrong-token-${n}`, '203.0.113.5'))).status).toBe(401);
    const limited = await list(as('wrong-token-5', '203.0.113.5'));
    expect(limited.status).toBe(429);
    expect(limited.headers.get('retry-after')).toBe('61');
    expect((await list(as(TEST_ADMIN_TOKEN, '203.0.113.5'))).status).toBe(200);
    expect((await list(as('wrong-token', '203.0.113.6'))).status).toBe(401);
    clock.advance(61_000);
    expect((await list(as('wrong-token-6', '203.0.113.5'))).status).toBe(401);
  });

  it('a neighbour’s wrong tokens hold up neither a revocation nor the usage reports of a gateway', async () => {
    const { body } = await service.call('POST', '/keys', { name: 'n', service_id: 'ml-platform' });
    for (let n = 0; n < 25; n++) await list(as(`wrong-token-${n}`, '203.0.113.7'));
    const revoked = await service.call(
      'DELETE',
      `/keys/${String(body['key_id'])}`,
      undefined,
      as(TEST_ADMIN_TOKEN, '203.0.113.7'),
    );
    expect(revoked.status).toBe(204);
    const reported = await service.call('POST', '/usage', { records: [] }, as(SERVICE_TOKEN, '203.0.113.7'));
    expect(reported.status).toBe(202);
  });

  it('counts IPv6 by /64', async () => {
    for (let n = 0; n < 4; n++) await list(as('wrong-token', `2001:db8:1:2::${n}`));
    expect((await list(as('wrong-token', '2001:db8:1:2:ffff::1'))).status).toBe(429);
    expect((await list(as('wrong-token', '2001:db8:1:3::1'))).status).toBe(401);
  });

  it('limits those who send no token at all like those who send a wrong one', async () => {
    for (let n = 0; n < 4; n++) expect((await list(as(undefined, '203.0.113.9'))).status).toBe(401);
    expect((await list(as(undefined, '203.0.113.9'))).status).toBe(429);
  });
});

describe('REQUIRE_HTTPS', () => {
  it('refuses plain HTTP everywhere but for health checks', async () => {
    const databases = await startKeyDatabases('sqlite');
    const service = await startTestKeyService({
      DATABASE_URL: await databases.next(),
      REQUIRE_HTTPS: 'true',
      TRUSTED_PROXY_HOPS: '1',
    });
    try {
      const admin = { authorization: `Bearer ${TEST_ADMIN_TOKEN}` };
      const plain = await service.call('GET', '/keys', undefined, { ...admin, 'x-forwarded-proto': 'http' });
      expect(plain).toMatchObject({ status: 403, body: { detail: 'HTTPS is required' } });
      const secure = await service.call('GET', '/keys', undefined, {
        ...admin,
        'x-forwarded-proto': 'https',
      });
      expect(secure.status).toBe(200);
      expect((await fetch(`${service.url}/health/ready`)).status).toBe(200);
    } finally {
      await service.close();
      await databases.close();
    }
  });
});
