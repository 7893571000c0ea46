/**
 * Writes whatever it likes into Redis: facts that make every key one of root's, facts of a revoked key as they once
 * were, tombstones, messages and clocks; takes away what is there; and tries its own revoked key after each of them.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from 'redis';
import { INVALIDATION_CHANNEL } from '../../../src/contracts/keys/invalidation.ts';
import {
  FACTS_NAMES,
  factsWithMadeUpSignature,
  NO_SIGNATURE,
  SIGNED_TOMBSTONES,
  TOMBSTONE_INDEX,
  unsignedFacts,
} from '../../../test/support/servers/forged-redis.ts';
import { readOrders, Tally } from './orders.ts';

const { redisUrl, key, loot, ids, urls, forMs } = readOrders<{
  redisUrl: string;
  /** The attacker's own key, revoked. */
  key: string;
  /** What lay in Redis when it was valid, by name. */
  loot: Readonly<Record<string, string>>;
  /** Of keys that it wants to close. */
  ids: readonly string[];
  /** Where to try the key. */
  urls: readonly string[];
}>();

const ROUND_MS = 20;
/** Evicts by choice of Redis itself: of all that is there, oldest first. */
const EVICTING = { maxmemory: '3mb', 'maxmemory-policy': 'allkeys-lru' };
const SPACIOUS = { maxmemory: '0', 'maxmemory-policy': 'noeviction' };

const tally = new Tally();
const client = createClient({ url: redisUrl });
client.on('error', () => tally.add('redis errors'));

const factsNames = (): Promise<string[]> => client.keys(FACTS_NAMES);
const nowUs = (): number => Date.now() * 1000;
async function overwrite(text: (own: string) => string): Promise<void> {
  for (const name of [...(await factsNames()), ...Object.keys(loot)]) {
    await client.set(name, text((await client.get(name)) ?? loot[name] ?? ''));
    tally.add('forged facts');
  }
}

async function setClock(aheadMs: number): Promise<void> {
  await client.zAdd(TOMBSTONE_INDEX, { value: 'clock', score: nowUs() + aheadMs * 1000 });
  tally.add('wrong clocks');
}

/** Each is one way of lying; a broken one must not end the others. */
const LIES: readonly (() => Promise<unknown>)[] = [
  () => overwrite(() => JSON.stringify(unsignedFacts(nowUs()))),
  () => overwrite(() => JSON.stringify(factsWithMadeUpSignature(nowUs()))),
  // Signed, but in a new name, of another key or of another time.
  () => overwrite((own) => own.replace(/\\"userId\\":\\"[^"\\]*/g, '\\"userId\\":\\"root')),
  () => overwrite(() => Object.values(loot)[0] ?? ''),
  () => overwrite(() => 'x'.repeat(200_000)),
  async () => {
    // The past, without what was said about it since.
    await client.del([TOMBSTONE_INDEX, SIGNED_TOMBSTONES]);
    for (const [name, text] of Object.entries(loot)) await client.set(name, text);
    tally.add('replayed facts', Object.keys(loot).length);
  },
  async () => {
    for (const id of ids) {
      const at = String(nowUs());
      await client.zAdd(TOMBSTONE_INDEX, { value: `id:${id}`, score: Number(at) });
      await client.hSet(SIGNED_TOMBSTONES, `id:${id}`, `${at}.${NO_SIGNATURE}`);
      await client.publish(
        INVALIDATION_CHANNEL,
        JSON.stringify({ subject: `id:${id}`, at_us: at, signature: NO_SIGNATURE }),
      );
      await client.publish(INVALIDATION_CHANNEL, JSON.stringify({ subject: `id:${id}`, at_us: at }));
      await client.publish(INVALIDATION_CHANNEL, '{');
      tally.add('forged tombstones');
      tally.add('forged messages', 3);
    }
  },
  () => setClock(3_600_000),
  () => setClock(200_000),
  () => setClock(-3_600_000),
  () => client.set(TOMBSTONE_INDEX, 'x'),
  () => client.set(SIGNED_TOMBSTONES, 'x'),
  async () => {
    const names = await factsNames();
    if (names.length > 0) tally.add('deleted', await client.del(names));
  },
  async () => {
    await client.flushAll();
    tally.add('flushes');
  },
  async () => {
    await client.configSet(EVICTING);
    for (let n = 0; n < 40; n += 1) await client.set(`filler:${n}`, 'x'.repeat(100_000));
    tally.add('evictions begun');
    await client.configSet(SPACIOUS);
  },
];

async function tryKey(): Promise<void> {
  for (const url of urls) {
    const headers = { authorization: `Bearer ${key}`, 'x-forwarded-for': '203.0.113.9' };
    const response = await fetch(url, { headers });
    await response.body?.cancel();
    tally.add(`answered ${response.status}`);
  }
}

await client.connect();
const endMs = performance.now() + forMs;
for (let round = 0; performance.now() < endMs; round += 1) {
  await LIES[round % LIES.length]!().catch(() => tally.add('lies that failed'));
  await tryKey();
  tally.add('lies');
  await sleep(ROUND_MS);
}
await client.configSet(SPACIOUS);
await client.disconnect();
tally.report();
