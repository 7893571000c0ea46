import { createClient } from 'redis';
import { eventually } from '../../support/lib/eventually.js';
import { freePort } from '../../support/programs/free-port.js';
import { startRedisServer, type RedisServer } from '../../support/servers/redis-server.js';

const SLOTS = 16_384;

export interface RedisCluster {
  readonly nodes: readonly RedisServer[];
  /** Of the last master; undefined where none was asked for. */
  readonly replica: RedisServer | undefined;
  /** Address of any node. */
  readonly url: string;
  close(): Promise<void>;
}

/** A real Redis Cluster on loopback, the slots dealt out evenly; the last master may have a replica. */
export async function startRedisCluster(
  masters: number,
  { withReplica = false } = {},
): Promise<RedisCluster> {
  const all = await Promise.all(
    Array.from({ length: masters + (withReplica ? 1 : 0) }, async () =>
      startRedisServer({
        config: await clusterConfig(),
      }),
    ),
  );
  const [nodes, replica] = [all.slice(0, masters), all[masters]];
  const share = Math.ceil(SLOTS / masters);
  for (const [i, node] of nodes.entries()) {
    const last = Math.min(SLOTS, (i + 1) * share) - 1;
    await command(node, ['CLUSTER', 'ADDSLOTSRANGE', String(i * share), String(last)]);
    await command(node, ['CLUSTER', 'SET-CONFIG-EPOCH', String(i + 1)]);
  }
  const [first] = nodes as [RedisServer];
  for (const node of all.slice(1)) {
    const busPort = await busPortOf(node);
    await command(first, ['CLUSTER', 'MEET', '127.0.0.1', String(node.port), busPort]);
  }
  await Promise.all(all.map((node) => untilWhole(node, all.length)));
  if (replica) await follow(replica, nodes.at(-1) as RedisServer);
  return {
    nodes,
    replica,
    url: first.url,
    close: async () => {
      await Promise.all(all.map((node) => node.close()));
    },
  };
}

/** What makes a server a node; it holds no slots before it is given some. */
export const clusterConfig = async (): Promise<string[]> => [
  'cluster-enabled yes',
  'cluster-node-timeout 2000',
  `cluster-port ${await freePort()}`,
];

async function untilWhole(node: RedisServer, size: number): Promise<void> {
  await eventually(
    async () => {
      const info = String(await command(node, ['CLUSTER', 'INFO']));
      return info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${size}`);
    },
    { timeoutMs: 20_000, what: 'a whole cluster' },
  );
}

async function follow(replica: RedisServer, master: RedisServer): Promise<void> {
  await command(replica, ['CLUSTER', 'REPLICATE', String(await command(master, ['CLUSTER', 'MYID']))]);
  await eventually(
    async () => String(await command(replica, ['INFO', 'replication'])).includes('master_link_status:up'),
    { timeoutMs: 20_000, what: 'a replica in step' },
  );
}

async function busPortOf(node: RedisServer): Promise<string> {
  const reply = (await command(node, ['CONFIG', 'GET', 'cluster-port'])) as string[];
  return reply[1] as string;
}

/** Sends one command to one node, past any redirection. */
export async function command(node: RedisServer, words: string[]): Promise<unknown> {
  const client = createClient({ url: node.url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await client.sendCommand(words);
  } finally {
    await client.disconnect();
  }
}
