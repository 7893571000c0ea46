import pg from 'pg';
import { createClient } from 'redis';
import { hasPostgres } from '../../test/support/servers/postgres-programs.ts';
import { startPostgresServer } from '../../test/support/servers/postgres-server.ts';
import { startRedisServer } from '../../test/support/servers/redis-server.ts';
import { figure } from '../lib/readme.ts';
import { startBackend } from '../parts/backend.ts';
import { startGateway } from '../parts/gateway.ts';
import { startKeyService } from '../parts/key-service.ts';
import { MOUNT, REQUEST_PATH } from '../peers/peer.ts';
import { progress } from './rounds.ts';
import { CannotRun, type Section } from './section.ts';

const KEYS = 5000;
const KNOWN_KEYS = 20;
const KNOWN_REQUESTS = 20_000;
const AT_ONCE = 32;
/** PostgreSQL writes its counters down once a second, and the key service its batches. */
const SETTLE_MS = 3000;

interface Counts {
  redisCommands: number;
  redisBytes: number;
  redisCpuMs: number;
  transactions: number;
}

const sleep = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** One request for each key, so many at once. @returns what it took, seconds */
async function send(url: string, keys: readonly string[], requests: number): Promise<number> {
  const started = performance.now();
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let n = next++; n < requests; n = next++) {
      const answer = await fetch(url, { headers: { authorization: `Bearer ${keys[n % keys.length]}` } });
      await answer.arrayBuffer();
      if (answer.status !== 200) throw new Error(`the gateway answered ${answer.status}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return (performance.now() - started) / 1000;
}

export const sharedParts: Section = {
  name: 'shared-parts',
  title: 'What a key and a request cost Redis and PostgreSQL',
  async run() {
    if (!hasPostgres()) throw new CannotRun('PostgreSQL is not installed');
    const [backend, redis, postgres] = [
      await startBackend(),
      await startRedisServer(),
      await startPostgresServer(),
    ];
    const databaseUrl = await postgres.newDatabase();
    const service = await startKeyService(databaseUrl);
    const gateway = await startGateway({
      upstreamUrl: backend.upstreamUrl,
      authUrl: service.url,
      redisUrl: redis.url,
    });
    const client = createClient({ url: redis.url });
    const database = new pg.Client({ connectionString: databaseUrl });
    try {
      await client.connect();
      await database.connect();
      const keys: string[] = [];
      for (let n = 0; n < KEYS; n += 1) keys.push(await service.createKey(`bench ${n}`));
      const url = gateway.url + MOUNT + REQUEST_PATH;
      const counts = (): Promise<Counts> => countsOf(client, database);

      const before = await counts();
      const idle = difference(await counts(), before);
      const fresh = await counts();
      const firstSeconds = await send(url, keys, KEYS);
      const first = difference(await counts(), fresh);
      progress(`first uses: ${figure(first.redisCommands / KEYS)} commands of Redis each`);
      const warm = await counts();
      const knownSeconds = await send(url, keys.slice(0, KNOWN_KEYS), KNOWN_REQUESTS);
      const known = difference(await counts(), warm);
      const perSecond = (n: number, seconds: number): string => figure(n / (seconds + SETTLE_MS / 1000));

      const each = (n: number, of: number): string => figure(n / of);
      return {
        figures: [
          {
            what: `Redis commands a request, ${KNOWN_KEYS} known keys`,
            value: known.redisCommands / KNOWN_REQUESTS,
            shown: each(known.redisCommands, KNOWN_REQUESTS),
          },
          {
            what: 'database transactions a request, known keys',
            value: known.transactions / KNOWN_REQUESTS,
            shown: each(known.transactions, KNOWN_REQUESTS),
          },
        ],
        details: [
          ['', 'first use of a key', 'request with a known key', 'nobody asks, a second'],
          [
            'Redis commands, within scripts too',
            each(first.redisCommands, KEYS),
            each(known.redisCommands, KNOWN_REQUESTS),
            perSecond(idle.redisCommands, 0),
          ],
          [
            'database transactions',
            each(first.transactions, KEYS),
            each(known.transactions, KNOWN_REQUESTS),
            perSecond(idle.transactions, 0),
          ],
          [
            'Redis processor time, µs',
            each(1000 * first.redisCpuMs, KEYS),
            each(1000 * known.redisCpuMs, KNOWN_REQUESTS),
            perSecond(1000 * idle.redisCpuMs, 0),
          ],
          ['Redis memory, bytes', each(first.redisBytes, KEYS), '–', '–'],
        ],
        notes: [
          `${KEYS} keys used once, then ${figure(KNOWN_REQUESTS)} requests with ${KNOWN_KEYS} of them, ${AT_ONCE} at once, in ${figure(firstSeconds)} and ${figure(knownSeconds)} s; limits are shared through Redis`,
          'counts hold on any machine, times do not; each includes three seconds in which nobody asks',
        ],
      };
    } finally {
      await client.disconnect();
      await database.end();
      await Promise.all([gateway.child.stop('SIGINT'), service.stop(), backend.stop()]);
      await Promise.all([redis.close(), postgres.close()]);
    }
  },
};

async function countsOf(client: ReturnType<typeof createClient>, database: pg.Client): Promise<Counts> {
  await sleep(SETTLE_MS);
  const [stats, memory, cpu] = [
    await client.info('stats'),
    await client.info('memory'),
    await client.info('cpu'),
  ];
  const { rows } = await database.query<{ count: string }>(
    'select xact_commit + xact_rollback as count from pg_stat_database where datname = current_database()',
  );
  const field = (text: string, name: string): number =>
    Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(text)?.[1] ?? NaN);
  return {
    redisCommands: field(stats, 'total_commands_processed'),
    redisBytes: field(memory, 'used_memory'),
    redisCpuMs: 1000 * (field(cpu, 'used_cpu_user') + field(cpu, 'used_cpu_sys')),
    transactions: Number(rows[0]?.count ?? NaN),
  };
}

/** Without what the counting itself asks: three commands and one transaction. */
function difference(after: Counts, before: Counts): Counts {
  return {
    redisCommands: after.redisCommands - before.redisCommands - 3,
    redisBytes: after.redisBytes - before.redisBytes,
    redisCpuMs: after.redisCpuMs - before.redisCpuMs,
    transactions: after.transactions - before.transactions - 1,
  };
}
