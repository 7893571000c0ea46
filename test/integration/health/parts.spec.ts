import type { ServerResponse } from 'node:http';
import { createClient } from 'redis';
import type { Indication } from '../../../src/platform/observability/health-indicators.js';
import { eventually } from '../../support/lib/eventually.js';
import { sendJson } from '../../support/servers/recording-upstream.js';
import { startRedisServer, type RedisServer } from '../../support/servers/redis-server.js';
import {
  ADMIN_TOKEN,
  invalidate,
  KEY,
  metric,
  startAuthSetup,
  statusOf,
  type AuthSetup,
} from '../auth/setup.js';

describe('what an operator sees of every part while it fails', () => {
  let redis: RedisServer;
  let setup: AuthSetup;
  beforeEach(async () => {
    redis = await startRedisServer();
    setup = await startAuthSetup({
      env: {
        REDIS_URL: redis.url,
        AUTH_BREAKER_FAILURES: '2',
        AUTH_RETRY_ATTEMPTS: '1',
        AUTH_TIMEOUT_MS: '30000',
        MLFLOW_MAX_CONCURRENT_REQUESTS: '1',
        USAGE_REPORT_URL: 'http://127.0.0.1:9/usage',
        USAGE_FLUSH_INTERVAL_MS: '50',
      },
    });
    setup.auth.know(KEY, { valid: true, key_id: 'k1' });
    await seen('redis', { status: 'up', connection: 'connected', subscription: true });
  });
  afterEach(async () => {
    await setup?.close();
    await redis?.close();
  });
  const parts = async (): Promise<Record<string, Indication>> => {
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
    const response = await fetch(`${setup.gateway.url}/health/detailed`, { headers });
    return ((await response.json()) as { parts: Record<string, Indication> }).parts;
  };
  const seen = (part: string, expected: object): Promise<unknown> =>
    eventually(
      async () => {
        expect((await parts())[part]).toMatchObject(expected);
        return true;
      },
      { what: `${part}: ${JSON.stringify(expected)}` },
    );
  const series = (name: string, labels = ''): Promise<number> => metric(setup.gateway, name, labels);

  it('names them all, with their bounds, and neither key nor address', async () => {
    const all = await parts();
    expect(Object.keys(all).sort()).toEqual(['auth_service', 'mlflow_proxy', 'rate_limit', 'redis', 'usage']);
    expect(all).toMatchObject({
      auth_service: { breaker: 'closed', calls_waiting: 0, cached_keys: 0, cached_refusals: 0 },
      mlflow_proxy: { in_flight: 0, in_flight_limit: 1, queued: 0, queued_limit: 1024 },
      rate_limit: { store: 'redis', tracked_keys: 0 },
      usage: { waiting: 0, dropped: 0 },
    });
    expect(JSON.stringify(all)).not.toMatch(/127\.0\.0\.1|hk_/);
  });

  it('Redis paused: what decides instead, and that invalidations wait to be shared', async () => {
    redis.pause();
    await seen('redis', { status: 'down', connection: 'resting' });
    await seen('rate_limit', { status: 'degraded', store: 'local' });
    await invalidate(setup.gateway, { key_id: 'k1' });
    await seen('auth_service', { tombstones: 1, tombstones_unshared: 1 });
    redis.resume();
    await seen('redis', { status: 'up' });
    await seen('rate_limit', { status: 'up', store: 'redis' });
    await seen('auth_service', { tombstones_unshared: 0 });
  });

  it('Redis killed, and a subscription that is lost alone', async () => {
    await redis.kill();
    await seen('redis', { status: 'down', connection: 'disconnected', subscription: false });
    expect([await series('redis_up'), await series('redis_subscription_up')]).toEqual([0, 0]);
    await redis.start();
    await seen('redis', { status: 'up', subscription: true });
    const client = createClient({ url: redis.url });
    await client.connect();
    // Without the right to subscribe again, the ordinary connection goes on.
    await client.sendCommand(['ACL', 'SETUSER', 'default', 'resetchannels']);
    await client.sendCommand(['CLIENT', 'KILL', 'TYPE', 'pubsub']);
    await seen('redis', { status: 'degraded', connection: 'connected', subscription: false });
    expect([await series('redis_up'), await series('redis_subscription_up')]).toEqual([1, 0]);
    await client.disconnect();
  });

  it('the auth service failing: repetitions, the breaker, calls that wait, refusals', async () => {
    expect(await statusOf(setup.gateway, 'a-bad-key')).toBe(401);
    expect(await series('auth_cached_refusals')).toBe(1);
    setup.auth.override((_request, response) => sendJson(response, 500, {}));
    for (let n = 0; n < 3; n++) expect(await statusOf(setup.gateway, `key-${n}`)).toBe(503);
    await seen('auth_service', { status: 'down', breaker: 'open', cached_refusals: 1 });
    expect(await series('auth_breaker_state')).toBe(2);
    expect(await series('auth_retries_total', '{result="repeated"}')).toBe(2);
  });

  it('the auth service hanging: how many calls are under way, and how many wait', async () => {
    const held: ServerResponse[] = [];
    setup.auth.override((_request, response) => void held.push(response));
    const statuses = Array.from({ length: 70 }, (_one, n) => statusOf(setup.gateway, `key-${n}`));
    await seen('auth_service', { lookups_in_flight: 70, calls_under_way: 48, unknown_keys_waiting: 22 });
    expect([await series('auth_lookups_in_flight'), await series('auth_unknown_keys_waiting')]).toEqual([
      70, 22,
    ]);
    setup.auth.override((_request, response) => sendJson(response, 200, { valid: true }));
    for (const response of held) sendJson(response, 200, { valid: true });
    expect(new Set(await Promise.all(statuses))).toEqual(new Set([200]));
    await seen('auth_service', { calls_under_way: 0, unknown_keys_waiting: 0, cached_keys: 70 });
  });

  it('a repetition that the budget does not allow is counted', async () => {
    const replica = await setup.replica({ AUTH_BREAKER_FAILURES: '10000', AUTH_RETRY_ATTEMPTS: '2' });
    setup.auth.override((_request, response) => sendJson(response, 500, {}));
    const statuses = await Promise.all(
      Array.from({ length: 20 }, (_one, n) => statusOf(replica, `key-${n}`)),
    );
    expect(new Set(statuses)).toEqual(new Set([503]));
    // Twenty were saved up, and each call adds at most a fifth.
    const repeated = await metric(replica, 'auth_retries_total', '{result="repeated"}');
    expect(repeated).toBeGreaterThanOrEqual(20);
    expect(repeated).toBeLessThanOrEqual(24);
    expect(await metric(replica, 'auth_retries_total', '{result="over_budget"}')).toBeGreaterThan(0);
  });

  it('MLflow hanging: the queue; the receiver of usage away: what waits for it', async () => {
    const held: ServerResponse[] = [];
    setup.mlflow.raw((_request, response) => void held.push(response));
    const statuses = [statusOf(setup.gateway, KEY), statusOf(setup.gateway, KEY)];
    await eventually(async () => held.length === 1 && (await series('mlflow_proxy_queued')) === 1);
    setup.mlflow.raw(undefined);
    await seen('mlflow_proxy', { status: 'degraded', in_flight: 1, queued: 1 });
    for (const response of held) response.end('{}');
    expect(await Promise.all(statuses)).toEqual([200, 200]);
    await seen('mlflow_proxy', { status: 'up', in_flight: 0, queued: 0 });
    await seen('usage', { status: 'degraded', waiting: 2 });
  });
});
