import { createClient } from 'redis';
import { MOUNT } from '../../peers/peer.ts';
import { eventually } from '../../lib/poll.ts';
import type { GatewayProcess } from '../../parts/gateway.ts';
import type { Attack } from './attack.ts';
import { FACTS_NAMES } from '../../../test/support/servers/forged-redis.ts';
import { addressOf, ask, served } from './asking.ts';
import type { AttackStage, Victim } from './attack-stage.ts';

const VICTIMS = 8;

/** Hardly any memory and short windows, so that what lies in Redis is read all the time. */
const FORGETFUL = {
  AUTH_CACHE_MAX_ENTRIES: '2',
  AUTH_CACHE_TTL_SECONDS: '20',
  AUTH_CACHE_STALE_WHILE_REVALIDATE_SECONDS: '10',
};

/** Whoever writes to Redis keeps nobody out, gets nowhere himself and makes nobody another user. */
export const forgedRedis: Attack = {
  name: 'forged facts, tombstones, messages and clocks in Redis',
  victim: 'a request of a key whose facts are read from Redis',
  async prepare(stage) {
    const gateways = [await stage.replica(FORGETFUL), await stage.replica(FORGETFUL)] as const;
    const attacker = await revokedAttacker(stage, gateways);
    const known = await stage.victims('forged', VICTIMS);
    let turn = 0;
    return {
      victim: () => {
        turn += 1;
        return served(gateways[turn % 2]!.url, known[(turn >> 1) % VICTIMS]!, addressOf(turn % VICTIMS));
      },
      pace: { workers: 4, pauseMs: 20 },
      promised: { leastRate: 0.05, mostP99Ms: 2500 },
      attacker: 'forging-redis',
      orders: {
        ...attacker,
        redisUrl: stage.redis.url,
        ids: known.map(({ key_id }) => key_id),
        urls: gateways.map(({ url }) => `${url}${MOUNT}/api/2.0/mlflow/experiments/search`),
      },
      async judge(deeds) {
        const refused = await Promise.all(gateways.map(refusedValues));
        return [
          ...(deeds['answered 200'] ? [`the attacker's key got in ${deeds['answered 200']} times`] : []),
          ...(deeds['lies that failed'] ? [`${deeds['lies that failed']} lies were not told`] : []),
          ...(refused.every((count) => count > 0) ? [] : ['a replica met nothing that was forged']),
        ];
      },
    };
  },
};

/** A key that was valid at both replicas and is revoked now, and what lay in Redis meanwhile. */
async function revokedAttacker(
  stage: AttackStage,
  gateways: readonly GatewayProcess[],
): Promise<{ key: string; loot: Record<string, string> }> {
  const [attacker] = (await stage.victims('attacker', 1)) as [Victim];
  const client = createClient({ url: stage.redis.url });
  await client.connect();
  try {
    const before = new Set(await client.keys(FACTS_NAMES));
    for (const { url } of gateways) await served(url, attacker, addressOf(0));
    const loot = await eventually(
      async () => {
        const own = (await client.keys(FACTS_NAMES)).filter((name) => !before.has(name));
        return own.length > 0 && own;
      },
      { what: "the attacker's facts in Redis" },
    );
    const values = await Promise.all(loot.map(async (name) => [name, (await client.get(name)) ?? '']));
    await stage.keyService.revoke(attacker.key_id);
    const key = attacker.api_key;
    for (const { url } of gateways)
      await eventually(
        async () => (await ask({ gatewayUrl: url, key, address: addressOf(0) })).status === 401,
        {
          what: "the refusal of the attacker's key",
        },
      );
    return { key, loot: Object.fromEntries(values) as Record<string, string> };
  } finally {
    await client.disconnect();
  }
}

async function refusedValues({ url }: GatewayProcess): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  return [...metrics.matchAll(/^auth_shared_values_refused_total\{.*\} (\S+)$/gm)].reduce(
    (total, [, value]) => total + Number(value),
    0,
  );
}
