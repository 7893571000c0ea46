import { jest } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import { newConnection } from '../../../src/platform/redis/redis-connection.js';
import { eventually } from '../../support/lib/eventually.js';
import { standingOf } from '../../support/lib/rate-limits.js';
import { startRedisServer, type RedisServer } from '../../support/servers/redis-server.js';
import { Replica, type Timed } from '../rate-limit/replicas.js';
import { newLink } from './link.js';
import { clusterConfig, command, startRedisCluster, type RedisCluster } from './redis-cluster.js';

const HUGE = 1_000_000_000;

// Each has a cluster of its own and mostly waits for it: side by side they take as long as the slowest.
describe('a Redis Cluster whose nodes come and go', () => {
  it.concurrent.each(['kill', 'pause'] as const)(
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

  it.concurrent(
    'keeps on trying until the cluster is there',
    async () => {
      const late = await startRedisCluster(1);
      await late.nodes[0]?.stop();
      const { link, logs, close } = newLink(late.url, { cluster: true });
      await eventually(() => logs.of('redis_connection_lost').length > 0);
      await late.nodes[0]?.start();
      await eventually(() => link.usable, { timeoutMs: 15_000 });
      await close();
      await late.close();
    },
    60_000,
  );

  it.concurrent(
    'waits for a node that has no slots yet, as before a cluster is made of it',
    async () => {
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
    },
    60_000,
  );

  it.concurrent(
    'is not usable while every node refuses connections, and is again without a restart',
    async () => {
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
    },
    60_000,
  );

  it.concurrent(
    'connects once after an outage, however often it was given up meanwhile',
    async () => {
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
    },
    60_000,
  );
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
