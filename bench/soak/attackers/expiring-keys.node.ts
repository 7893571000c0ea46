/**
 * Lets many keys of the key service expire at one moment, by writing that into its database, and edits others without
 * end, as a script of an administrator might: each edit is a message to the gateways.
 */
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { readOrders, Tally } from './orders.ts';

const { databaseFile, keyServiceUrl, adminToken, editedIds, editsAtOnce, forMs } = readOrders<{
  databaseFile: string;
  keyServiceUrl: string;
  adminToken: string;
  editedIds: readonly string[];
  editsAtOnce: number;
}>();

const tally = new Tally();
const endMs = performance.now() + forMs;

/** In one short transaction: all of them are found expired by the next sweep. */
function expireAll(): void {
  const db = new DatabaseSync(databaseFile, { timeout: 5000 });
  try {
    db.exec('pragma synchronous = off');
    const now = new Date().toISOString();
    tally.add(
      'expired',
      Number(db.prepare(`update api_keys set expires_at = ? where name = 'expiring'`).run(now).changes),
    );
  } finally {
    db.close();
  }
}

async function edit(worker: number): Promise<void> {
  for (let n = worker; performance.now() < endMs; n += editsAtOnce) {
    const response = await fetch(`${keyServiceUrl}/api/v1/keys/${editedIds[n % editedIds.length]}`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ burst: 1000 + n }),
    });
    await response.body?.cancel();
    tally.add(response.status === 200 ? 'edits' : `edits answered ${response.status}`);
  }
}

expireAll();
await Promise.all(Array.from({ length: editsAtOnce }, (_one, worker) => edit(worker)));
await sleep(endMs - performance.now());
tally.report();
