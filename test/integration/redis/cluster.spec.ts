import { jest } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import { newConnection } from '../../../src/platform/redis/redis-connection.js';
import { standingOf } from '../../support/rate-limits.js';
import { eventually } from '../../support/eventually.js';
import { startRedisServer, type RedisServer } from '../../support/redis-server.js';
import { load, mostInOneWindow, Replica, type Timed } from '../rate-limit/replicas.js';
import { newLink } from './link.js';
import { clusterConfig, command, startRedisCluster, type RedisCluster } from './redis-cluster.js';

const HUGE = 1_000_000_000;

describe('a Redis Cluster', () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await startRedisCluster(3);
  });
  afterAll(() => cluster?.close());

  it('holds the limits of every key, on whatever node its windows are', async () => {
    const replicas = await Promise.all(
      [1, 2].map(() => new Replica(cluster.url, {}, { cluster: true }).connect()),
    );
    const limits = { perHour: HUGE, burst: 40 };
    const loads = await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        load(replicas, { digest: `cluster-${i}`, limits, perSecond: 120, forMs: 1500 }),
      ),
    );
    await Promise.all(replicas.map((replica) => replica.close()));
    for (const decisions of loads) {
      expect(mostInOneWindow(decisions, 1000)).toBeLessThanOrEqual(40);
      expect(new Set(decisions.map(({ decision }) => decision.store))).toEqual(new Set(['redis']));
    }
    const sizes = await Promise.all(cluster.nodes.map((node) => command(node, ['DBSIZE'])));
    expect(sizes.filter((size) => Number(size) > 0).length).toBeGreaterThan(1);
  });

  it('carries messages to subscribers, whichever node they are published on', async () => {
    const { link, close } = newLink(cluster.url, { cluster: true });
    const messages: string[] = [];
    link.subscribe(
      'news',
      (message) => messages.push(message),
      () => undefined,
    );
    await eventually(() => link.usable);
    for (const [i, node] of cluster.nodes.entries())
      await eventually(async () => {
        await command(node, ['PUBLISH', 'news', `from-${i}`]);
        return messages.includes(`from-${i}`);
      });
    await close();
  });

  it('runs scripts on the node that holds their keys, without a detour', async () => {
    const { link, close } = newLink(cluster.url, { cluster: true });
    await eventually(() => link.usable);
    await Promise.all(cluster.nodes.map((node) => command(node, ['CONFIG', 'RESETSTAT'])));
    for (let i = 0; i < 30; i++)
      await link.run('script', (client) =>
        client.eval('return redis.call("SET", KEYS[1], ARGV[1])', {
          keys: [`{script-${i}}`],
          arguments: ['x'],
        }),
      );
    await close();
    const errors = cluster.nodes.map(async (node) => String(await command(node, ['INFO', 'errorstats'])));
    expect((await Promise.all(errors)).join()).not.toContain('MOVED');
  });

  it('is used again after one of its nodes was away', async () => {
    const replica = await new Replica(cluster.url, {}, { cluster: true, commandTimeoutMs: 200 }).connect();
    const lost = cluster.nodes[2];
    await lost?.kill();
    const limits = { perHour: HUGE, burst: HUGE };
    const decideAll = async (): Promise<string[]> => {
      const decisions = await Promise.all(
        Array.from({ length: 12 }, (_, i) => replica.decide(`away-${i}`, limits)),
      );
      return decisions.map(({ decision }) => `${decision.outcome} ${decision.store}`);
    };
    await eventually(async () => (await decideAll()).includes('allowed local'));
    await lost?.start();
    await rejoin(cluster);
    await eventually(async () => (await decideAll()).every((decided) => decided === 'allowed redis'), {
      timeoutMs: 20_000,
    });
    await replica.close();
  }, 90_000);

  it.each(['kill', 'pause'] as const)(
    'goes on with the replica that takes the place of its master (%s)',
    async (failure) => {
      const own = await startRedisCluster(3, { withReplica: true });
      const limiter = await new Replica(own.url, {}, { cluster: true, commandTimeoutMs: 200 }).connect();
      const limits = { perHour: 1000, burst: HUGE };
      const digests = Array.from({ length: 12 }, (_, i) => `promoted-${i}`);
      const decideAll = (): Promise<Timed[]> =>
        Promise.all(digests.map((digest) => limiter.decide(digest, limits)));
      for (let i = 0; i < 5; i++) await decideAll();
      // Replication is asynchronous: what was counted has to be there before its master goes.
      await inStep(own);
      await own.nodes[2]?.[failure]();
      await eventually(async () => (await decideAll()).every(({ decision }) => decision.store === 'redis'), {
        timeoutMs: 40_000,
        intervalMs: 500,
        what: 'every key decided by Redis again',
      });
      // One that counted nothing itself knows of what was counted before.
      const other = await new Replica(own.nodes[1]?.url ?? '', {}, { cluster: true }).connect();
      for (const digest of digests) {
        const { decision } = await other.decide(digest, limits);
        expect(standingOf(decision, 'hour').remaining).toBeLessThanOrEqual(1000 - 6);
      }
      await other.close();
      await limiter.close();
      await own.close();
    },
    90_000,
  );

  it('keeps on trying until the cluster is there', async () => {
    const late = await startRedisCluster(1);
    await late.nodes[0]?.stop();
    const { link, logs, close } = newLink(late.url, { cluster: true });
    await eventually(() => logs.of('redis_connection_lost').length > 0);
    await late.nodes[0]?.start();
    await eventually(() => link.usable, { timeoutMs: 15_000 });
    await close();
    await late.close();
  }, 60_000);

  it('waits for a node that has no slots yet, as before a cluster is made of it', async () => {
    const node = await startRedisServer({ config: await clusterConfig() });
    const { link, logs, close } = newLink(node.url, { cluster: true });
    await eventually(() => logs.of('redis_connection_lost').length > 0);
    await expect(link.run('publish', (client) => client.publish('news', 'x'))).rejects.toThrow(
      'disconnected',
    );
    await command(node, ['CLUSTER', 'ADDSLOTSRANGE', '0', '16383']);
    await eventually(() => link.usable, { timeoutMs: 15_000 });
    expect(await link.run('publish', (client) => client.publish('news', 'x'))).toBe(0);
    await close();
    await node.close();
  }, 60_000);

  it('is not usable while every node refuses connections, and is again without a restart', async () => {
    const own = await startRedisCluster(1);
    const { link, logs, registry, close } = newLink(own.url, { cluster: true });
    await eventually(() => link.usable);
    await own.nodes[0]?.stop();
    await eventually(() => !link.usable);
    expect(await registry.getSingleMetricAsString('redis_up')).toContain('redis_up 0');
    expect(logs.of('redis_connection_restored')).toEqual([]);
    await own.nodes[0]?.start();
    await eventually(() => link.usable, { timeoutMs: 15_000 });
    await close();
    await own.close();
  }, 60_000);

  it('connects once after an outage, however often it was given up meanwhile', async () => {
    const own = await startRedisCluster(1);
    await own.nodes[0]?.stop();
    const ready = jest.fn();
    const errors: string[] = [];
    const error = (thrown: unknown): unknown => errors.push(String(thrown));
    const connection = newConnection(own.url, { commandTimeoutMs: 1000, cluster: true }, { ready, error });
    connection.open();
    connection.reset();
    connection.reset();
    await own.nodes[0]?.start();
    await eventually(() => connection.ready, { timeoutMs: 15_000 });
    const before = errors.length;
    // Longer than the pause after which another attempt would come.
    await pause(5000);
    expect(errors.slice(before)).toEqual([]);
    expect(ready).toHaveBeenCalledTimes(1);
    await connection.close();
    await own.close();
  }, 60_000);
});

async function inStep({ nodes, replica }: RedisCluster): Promise<void> {
  const offset = async (node: RedisServer | undefined, name: string): Promise<string | undefined> =>
    new RegExp(`${name}:(\\d+)`).exec(node ? String(await command(node, ['INFO', 'replication'])) : '')?.[1];
  await eventually(
    async () =>
      (await offset(nodes.at(-1), 'master_repl_offset')) === (await offset(replica, 'slave_repl_offset')),
    { what: 'a replica that has all' },
  );
}

/** A node that comes back has kept its part in `nodes.conf`; the others have to see it again. */
async function rejoin(cluster: RedisCluster): Promise<void> {
  for (const node of cluster.nodes)
    await eventually(
      async () => String(await command(node, ['CLUSTER', 'INFO'])).includes('cluster_state:ok'),
      { timeoutMs: 30_000, what: 'a whole cluster again' },
    );
}
