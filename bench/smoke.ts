/**
 * `npm run bench:smoke`: starts each peer once, asks it one thing, and runs wrk for a second, with pauses, where
 * it is installed. Nothing is timed. Prints one JSON line a part: {"part", "outcome": "ran" | "absent" | "failed"}.
 * Options: `--quick` leaves out what takes long to start; `--only a,b` runs these parts alone.
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { hasPostgres } from '../test/support/servers/postgres-programs.ts';
import { startPostgresServer } from '../test/support/servers/postgres-server.ts';
import { startRedisServer } from '../test/support/servers/redis-server.ts';
import { cleanUpAtExit, workFolder } from './lib/children.ts';
import { hasProgram } from './lib/programs.ts';
import { wrk } from './lib/wrk.ts';
import { startBackend } from './parts/backend.ts';
import { startKeyService } from './parts/key-service.ts';
import { fillPostgres, fillSqlite, type ManyKeys } from './parts/many-keys.ts';
import { missing, PEERS } from './peers/all.ts';
import { mlflowBasicAuth } from './peers/mlflow-basic-auth/peer.ts';
import { headersOf, REQUEST_PATH, requestUrl, type Peer } from './peers/peer.ts';
import { tryPeer } from './peers/try.ts';

interface Part {
  name: string;
  /** What is lacking here; empty where it can run. */
  lacks(): Promise<string[]>;
  run(): Promise<void>;
  slow?: boolean;
}

const measurable = await hasProgram('wrk');
const PAUSES = fileURLToPath(new URL('lib/pauses.lua', import.meta.url));

async function visit(url: string, headers: Record<string, string>): Promise<void> {
  if (!measurable) return;
  const { requests, failed } = await wrk({ url, headers, seconds: 1, script: PAUSES });
  if (requests === 0 || failed > 0) throw new Error(`${failed} of ${requests} requests failed`);
}

const peerPart = (peer: Peer): Part => ({
  name: peer.name,
  lacks: () => missing(peer),
  async run() {
    const [backend, redis] = await Promise.all([startBackend(), peer.redis ? startRedisServer() : undefined]);
    const running = await peer.start({ ...backend, redisUrl: redis?.url });
    try {
      await tryPeer(peer, running);
      await visit(requestUrl(running), headersOf(peer, running));
    } finally {
      await Promise.all([running.stop(), backend.stop(), redis?.close()]);
    }
  },
});

const basicAuthPart: Part = {
  name: mlflowBasicAuth.name,
  slow: true,
  lacks: () => missing(mlflowBasicAuth),
  async run() {
    const running = await mlflowBasicAuth.start({ upstreamUrl: '', authUrl: '' });
    try {
      const answers = await Promise.all([
        fetch(running.url + REQUEST_PATH, { headers: headersOf(mlflowBasicAuth) }),
        fetch(running.url + REQUEST_PATH),
      ]);
      const statuses = answers.map(({ status }) => status).join();
      if (statuses !== '200,401') throw new Error(`MLflow's basic-auth app answered ${statuses}`);
    } finally {
      await running.stop();
    }
  },
};

/** A table filled behind the service's back, and a real key that is still found in it. */
async function validateAmongMany(databaseUrl: string, fill: ManyKeys): Promise<void> {
  const service = await startKeyService(databaseUrl);
  try {
    const key = await service.createKey('smoke');
    await fill(databaseUrl, 1000);
    const statuses: number[] = [];
    for (const presented of [key, `hk_live_${'0'.repeat(32)}`]) {
      const response = await fetch(`${service.url}/api/v1/keys/validate`, {
        method: 'POST',
        headers: { authorization: `Bearer ${presented}`, 'content-type': 'application/json' },
        body: '{"service_id":"ml-platform","client_ip":"127.0.0.1"}',
      });
      await response.body?.cancel();
      statuses.push(response.status);
    }
    if (statuses.join() !== '200,401') throw new Error(`the key service answered ${statuses.join()}`);
  } finally {
    await service.stop();
  }
}

const PARTS: readonly Part[] = [
  ...PEERS.map(peerPart),
  basicAuthPart,
  {
    name: 'key-service-sqlite',
    lacks: async () => [],
    run: () => validateAmongMany(`sqlite:///${workFolder('sqlite')}/keys.sqlite`, fillSqlite),
  },
  {
    name: 'key-service-postgres',
    lacks: async () => (hasPostgres() ? [] : ['PostgreSQL']),
    async run() {
      const postgres = await startPostgresServer();
      try {
        await validateAmongMany(await postgres.newDatabase(), fillPostgres);
      } finally {
        await postgres.close();
      }
    },
  },
];

cleanUpAtExit();
const { values } = parseArgs({ options: { quick: { type: 'boolean' }, only: { type: 'string' } } });
const only = values.only?.split(',');
let failed = 0;
for (const part of PARTS) {
  if ((only && !only.includes(part.name)) || (values.quick && part.slow)) continue;
  const lacking = await part.lacks();
  let outcome: object = { outcome: 'absent', lacks: lacking.map((path) => path.split('/').at(-1)) };
  if (lacking.length === 0) {
    outcome = await part.run().then(
      () => ({ outcome: 'ran' }),
      (error: unknown) => ({ outcome: 'failed', error: String(error) }),
    );
    if ('error' in outcome) failed += 1;
  }
  console.log(JSON.stringify({ part: part.name, ...outcome }));
}
process.exit(failed === 0 ? 0 : 1);
