import { createClient } from 'redis';
import { eventually } from '../../support/eventually.js';
import { freePort } from '../../support/free-port.js';
import { startRedisServer, type RedisServer } from '../../support/redis-server.js';

const SLOTS = 16_384;

export interface RedisCluster {
  readonly nodes: readonly RedisServer[];
  /** Address of any node. */
  readonly url: string;
  close(): Promise<void>;
}

/** A real Redis Cluster on loopback: masters only, the slots dealt out evenly. */
export async function startRedisCluster(masters: number): Promise<RedisCluster> {
  const nodes = await Promise.all(
    Array.from({ length: masters }, async () =>
      startRedisServer({
        config: ['cluster-enabled yes', 'cluster-node-timeout 2000', `cluster-port ${await freePort()}`],
      }),
    ),
  );
  const share = Math.ceil(SLOTS / masters);
  for (const [i, node] of nodes.entries()) {
    const last = Math.min(SLOTS, (i + 1) * share) - 1;
    await command(node, ['CLUSTER', 'ADDSLOTSRANGE', String(i * share), String(last)]);
    await command(node, ['CLUSTER', 'SET-CONFIG-EPOCH', String(i + 1)]);
  }
  const [first] = nodes as [RedisServer];
  for (const node of nodes.slice(1)) {
    const busPort = await busPortOf(node);
    await command(first, ['CLUSTER', 'MEET', '127.0.0.1', String(node.port), busPort]);
  }
  for (const node of nodes)
    await eventually(
      async () => {
        const info = String(await command(node, ['CLUSTER', 'INFO']));
        return info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${masters}`);
      },
      { timeoutMs: 20_000, what: 'a whole cluster' },
    );
  return {
    nodes,
    url: first.url,
    close: async () => {
      await Promise.all(nodes.map((node) => node.close()));
    },
  };
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
