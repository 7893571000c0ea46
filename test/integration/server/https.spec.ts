import { startTestGateway, type TestGateway } from '../../support/systems/gateway.js';

const ADMIN = 'admin-token-of-sixteen-or-more';

describe('REQUIRE_HTTPS', () => {
  let gateway: TestGateway;

  beforeAll(async () => {
    gateway = await startTestGateway({
      REQUIRE_HTTPS: 'true',
      TRUSTED_PROXY_HOPS: '1',
      GATEWAY_ADMIN_TOKEN: ADMIN,
    });
  });

  afterAll(() => gateway?.close());

  const ask = (path: string, proto?: string): Promise<Response> =>
    fetch(gateway.url + path, { headers: proto === undefined ? {} : { 'x-forwarded-proto': proto } });

  it.each([undefined, 'http', 'https, http', 'HTTPSX'])(
    'refuses what did not come over HTTPS before a key is looked at: X-Forwarded-Proto %s',
    async (proto) => {
      const answer = await ask('/api/mlflow/api/2.0/mlflow/experiments/search', proto);
      expect(answer.status).toBe(403);
      expect(await answer.json()).toMatchObject({
        error_code: 'PERMISSION_DENIED',
        detail: 'HTTPS is required',
      });
      expect(answer.headers.get('www-authenticate')).toBeNull();
    },
  );

  it.each(['https', 'HTTPS', 'http, https'])('lets through what did: X-Forwarded-Proto %s', async (proto) => {
    expect((await ask('/api/mlflow/x', proto)).status).toBe(401);
  });

  it('asks nothing of the load balancer’s own health checks and of a scrape of the metrics', async () => {
    expect((await ask('/health')).status).toBe(200);
    expect((await ask('/health/ready')).status).toBe(200);
    expect((await ask('/metrics')).status).toBe(200);
    expect((await ask('/metricsx')).status).toBe(403);
  });

  it('lets the key service revoke from inside the network, where nothing stands between', async () => {
    const invalidate = async (headers: Record<string, string>): Promise<number> => {
      const body = JSON.stringify({ key_id: 'k1' });
      const all = { authorization: `Bearer ${ADMIN}`, 'content-type': 'application/json', ...headers };
      return (await fetch(`${gateway.url}/internal/keys/invalidate`, { method: 'POST', headers: all, body }))
        .status;
    };
    expect(await invalidate({})).toBe(202);
    expect(await invalidate({ 'x-forwarded-for': '203.0.113.7', 'x-forwarded-proto': 'http' })).toBe(403);
    expect(await invalidate({ 'x-forwarded-for': '203.0.113.7' })).toBe(403);
  });

  it('is refused at start without a trusted proxy, because it could promise nothing', async () => {
    await expect(startTestGateway({ REQUIRE_HTTPS: 'true' })).rejects.toThrow(
      'REQUIRE_HTTPS=true needs TRUSTED_PROXY_HOPS of 1 or more',
    );
  });
});
