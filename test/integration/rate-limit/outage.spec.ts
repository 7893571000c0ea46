import { createClient } from 'redis';
import { eventually } from '../../support/lib/eventually.js';
import { ManualClock } from '../../support/lib/manual-clock.js';
import { startRedisServer, type RedisServer } from '../../support/servers/redis-server.js';
import { load, mostInOneWindow, Replica, type Timed } from './replicas.js';

const HUGE = 1_000_000_000;
const LIMITS = { perHour: HUGE, burst: 200 };

describe('the limit while Redis fails in mid-load', () => {
  let server: RedisServer;
  let replica: Replica;
  beforeEach(async () => {
    server = await startRedisServer();
  });
  afterEach(async () => {
    await replica?.close();
    await server?.close();
  });

  it('answers in time while Redis is paused, counts here meanwhile, and goes back by itself', async () => {
    replica = await new Replica(server.url, {}, { commandTimeoutMs: 40 }).connect();
    const normal = await load([replica], { digest: 'k', limits: LIMITS, perSecond: 1000, forMs: 500 });
    server.pause();
    const paused = await load([replica], { digest: 'k', limits: LIMITS, perSecond: 1000, forMs: 1500 });
    server.resume();
    await backOnRedis(replica);
    const after = await load([replica], { digest: 'k', limits: LIMITS, perSecond: 1000, forMs: 500 });

    expect(p99(paused) - p99(normal)).toBeLessThan(50);
    expect(paused.filter(({ decision }) => decision.store === 'local').length).toBeGreaterThan(800);
    // One replica's own limit holds through it all.
    expect(mostInOneWindow([...normal, ...paused, ...after], 1000)).toBeLessThanOrEqual(202);
  });

  it('counts no accepted request twice after a pause', async () => {
    replica = await new Replica(server.url, { burstWindowSeconds: 60 }, { commandTimeoutMs: 40 }).connect();
    const limits = { perHour: 1900, burst: 1900 };
    const all: Timed[] = [];
    const offer = async (forMs: number): Promise<void> => {
      all.push(...(await load([replica], { digest: 'once', limits, perSecond: 300, forMs })));
    };
    await offer(300);
    server.pause();
    await offer(1000);
    server.resume();
    await backOnRedis(replica);
    await offer(300);

    const allowed = all.filter(({ decision }) => decision.outcome === 'allowed');
    const counted = await hourTotal(server.url, 'once');
    expect(counted).toBeLessThanOrEqual(allowed.length + 1);
    const byRedis = allowed.filter(({ decision }) => decision.store === 'redis').length;
    expect(counted).toBeGreaterThanOrEqual(byRedis);
  });

  it('holds one replica to its limit through a crash that loses every count', async () => {
    replica = await new Replica(server.url, {}, { commandTimeoutMs: 40 }).connect();
    const run = load([replica], { digest: 'crash', limits: LIMITS, perSecond: 800, forMs: 3500 });
    await server.kill();
    await server.start();
    await eventually(() => replica.link.usable);
    const decisions = await run;
    expect(mostInOneWindow(decisions, 1000)).toBeLessThanOrEqual(202);
    const stores = new Set(decisions.map(({ decision }) => decision.store));
    expect([...stores].sort()).toEqual(['local', 'redis']);
  });

  it.each([
    ['local', 'allowed', 'local'],
    ['allow', 'allowed', 'allow'],
    ['deny', 'unavailable', 'deny'],
  ] as const)(
    'does with RATE_LIMIT_ON_STORE_ERROR=%s what that declares',
    async (onStoreError, outcome, store) => {
      replica = await new Replica(server.url, { onStoreError }).connect();
      await server.kill();
      await eventually(() => !replica.link.usable);
      expect((await replica.decide('declared', LIMITS)).decision).toMatchObject({ outcome, store });
      await server.start();
      await eventually(() => replica.link.usable);
      expect((await replica.decide('declared', LIMITS)).decision).toMatchObject({
        outcome: 'allowed',
        store: 'redis',
      });
      const text = await replica.registry.metrics();
      expect(text).toContain(`rate_limit_decisions_total{outcome="${outcome}",store="${store}"} 1`);
    },
  );

  it('does not forget under "allow" what it had counted, and holds nobody to what it then let through', async () => {
    const settings = { onStoreError: 'allow' } as const;
    replica = await new Replica(server.url, settings, { commandTimeoutMs: 40 }).connect();
    const limits = { perHour: 3, burst: 3 };
    await replica.decide('allow', limits);
    server.pause();
    // Longer than a script may run late, which is five deadlines.
    const pausedAtMs = performance.now();
    for (let i = 0; i < 20 || performance.now() < pausedAtMs + 400; i++)
      expect((await replica.decide('allow', limits)).decision.outcome).toBe('allowed');
    server.resume();
    await backOnRedis(replica);
    expect((await replica.decide('allow', limits)).decision).toMatchObject({
      outcome: 'allowed',
      standings: [{ remaining: 1 }, {}],
    });
  });

  it('works from a start without Redis, and shares the count once it is there', async () => {
    await server.stop();
    replica = new Replica(server.url);
    replica.link.connect();
    expect((await replica.decide('late', LIMITS)).decision.store).toBe('local');
    await server.start();
    await eventually(() => replica.link.usable);
    expect((await replica.decide('late', LIMITS)).decision.store).toBe('redis');
  });

  it('falls back at once where Redis refuses to write', async () => {
    replica = await new Replica(server.url).connect();
    await admin(server.url, ['CONFIG', 'SET', 'maxmemory', '1']);
    const { decision } = await replica.decide('full', LIMITS);
    expect(decision).toMatchObject({ outcome: 'allowed', store: 'local' });
    expect(await replica.registry.metrics()).toContain('rate_limit_store_errors_total 1');
    expect(replica.logs.of('redis_command_refused')).toMatchObject([{ command: 'rate_limit' }]);
    expect(replica.limiter.indicate()).toMatchObject({ status: 'degraded', store: 'local' });
    await admin(server.url, ['CONFIG', 'SET', 'maxmemory', '0']);
    await replica.decide('full', LIMITS);
    expect(replica.limiter.indicate()).toMatchObject({ status: 'up', store: 'redis' });
  });

  it('asks clients to wait longer the longer Redis is unavailable, under "deny"', async () => {
    const clock = new ManualClock();
    await server.stop();
    replica = new Replica(server.url, { onStoreError: 'deny' }, { clock });
    const waits: number[] = [];
    for (const seconds of [0, 7, 33]) {
      clock.advance(seconds * 1000);
      expect((await replica.decide('waits', LIMITS)).decision.outcome).toBe('unavailable');
      waits.push(replica.limiter.retryAfterSeconds);
    }
    expect(waits).toEqual([1, 7, 30]);
  });

  it('leaves a master that became a replica, for the one that its address may lead to', async () => {
    replica = await new Replica(server.url).connect();
    await admin(server.url, ['REPLICAOF', '127.0.0.1', '1']);
    expect((await replica.decide('moved', LIMITS)).decision.store).toBe('local');
    expect(replica.link.usable).toBe(false);
    await admin(server.url, ['REPLICAOF', 'NO', 'ONE']);
    await eventually(() => replica.link.usable, { timeoutMs: 10_000 });
    expect((await replica.decide('moved', LIMITS)).decision.store).toBe('redis');
  });

  it('loads its script again on a server that has lost it', async () => {
    replica = await new Replica(server.url).connect();
    await replica.decide('script', LIMITS);
    await admin(server.url, ['SCRIPT', 'FLUSH']);
    expect((await replica.decide('script', LIMITS)).decision).toMatchObject({
      store: 'redis',
      standings: [{ remaining: HUGE - 2 }, {}],
    });
  });
});

function p99(decisions: readonly Timed[]): number {
  const sorted = decisions.map(({ askedAtMs, givenAtMs }) => givenAtMs - askedAtMs).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length * 0.99)] as number;
}

async function backOnRedis(replica: Replica): Promise<void> {
  await eventually(() => replica.link.usable, { what: 'the link, awake again' });
}

async function admin(url: string, command: string[]): Promise<unknown> {
  const client = createClient({ url });
  await client.connect();
  try {
    return await client.sendCommand(command);
  } finally {
    await client.disconnect();
  }
}

async function hourTotal(url: string, digest: string): Promise<number> {
  return Number(await admin(url, ['HGET', `mlflow-gateway:rate:{${digest}}:hour`, 'n']));
}
