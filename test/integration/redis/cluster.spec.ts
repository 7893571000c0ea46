import { eventually } from '../../support/lib/eventually.js';
import { load, mostInOneWindow, Replica } from '../rate-limit/replicas.js';
import { newLink, newsOver } from './link.js';
import { command, startRedisCluster, type RedisCluster } from './redis-cluster.js';

const HUGE = 1_000_000_000;

describe('a Redis Cluster', () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await startRedisCluster(3);
  });
  afterAll(() => cluster?.close());

  it('holds the limits of every key, on any node', async () => {
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
    const messages = await newsOver(link);
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
});

/** A node that comes back has kept its part in `nodes.conf`; the others have to see it again. */
async function rejoin(cluster: RedisCluster): Promise<void> {
  for (const node of cluster.nodes)
    await eventually(
      async () => String(await command(node, ['CLUSTER', 'INFO'])).includes('cluster_state:ok'),
      { timeoutMs: 30_000, what: 'a whole cluster again' },
    );
}
