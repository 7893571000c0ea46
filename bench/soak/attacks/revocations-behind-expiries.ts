import { fillSqlite } from '../../parts/many-keys.ts';
import { ADMIN_TOKEN } from '../../parts/key-service.ts';
import { eventually, sleep } from '../../lib/poll.ts';
import { gauge } from '../books.ts';
import { mostSamples, type Attack } from './attack.ts';
import { addressOf, ask, served } from './asking.ts';
import type { AttackStage, Victim } from './attack-stage.ts';
import type { Sample } from './phases.ts';

/** A revocation must be seen everywhere within this. */
const PROMISED_MS = 1000;
/** Longer than that nobody waits for it. */
const PATIENCE_MS = 10_000;
const POLL_MS = 10;
const PACE = { workers: 1, pauseMs: 100 };
const EDITED = 50;
const EDITS_AT_ONCE = 2;

/** Many keys expire at one moment and others are edited; a revoked key is still refused everywhere. */
export const revocationsBehindExpiries: Attack = {
  name: 'keys that expire at once, and edits',
  victim: 'from DELETE to the first refusal by both replicas',
  async prepare(stage, options) {
    // Copies of the one key that has this name, by which the attacker finds them.
    const { keyService, databaseFile } = stage;
    await keyService.createKey('expiring');
    await fillSqlite(`sqlite:///${databaseFile}`, options.expiring - 1, 'expiring');
    const edited = await stage.victims('edited', EDITED);
    const unused = await stage.victims('revoked', mostSamples(PACE, options));
    const sweptBefore = await swept(stage);
    let used = 0;
    return {
      victim: async () => {
        const next = unused[used];
        used += 1;
        return next && revocation(stage, next, addressOf(used));
      },
      pace: PACE,
      promised: { leastRate: 0.05, mostP99Ms: PROMISED_MS },
      attacker: 'expiring-keys',
      orders: {
        databaseFile,
        keyServiceUrl: keyService.url,
        adminToken: ADMIN_TOKEN,
        editedIds: edited.map(({ key_id }) => key_id),
        editsAtOnce: EDITS_AT_ONCE,
      },
      async judge(deeds) {
        if (deeds['expired'] !== options.expiring) return [`${deeds['expired'] ?? 0} keys expired`];
        if (!deeds['edits']) return ['no key was edited'];
        const allSwept = async (): Promise<boolean> => (await swept(stage)) - sweptBefore >= options.expiring;
        return eventually(allSwept, { timeoutMs: 120_000, intervalMs: 500 }).then(
          () => [],
          () => ['the expired keys were not swept'],
        );
      },
    };
  },
};

/** The key works at both replicas, is revoked, and is refused by both from the first refusal of each on. */
async function revocation(stage: AttackStage, victim: Victim, address: string): Promise<Sample> {
  for (const { url } of stage.gateways) {
    const { fault, tookMs } = await served(url, victim, address);
    if (fault !== undefined) return { tookMs, fault: `before its revocation: ${fault}` };
  }
  const startMs = performance.now();
  const refusals = stage.gateways.map(({ url }) => firstRefusal(url, victim, { address, startMs }));
  await stage.keyService.revoke(victim.key_id);
  const answeredMs = performance.now() - startMs;
  const found = await Promise.all(refusals);
  const tookMs = Math.max(...found.map((sample) => sample.tookMs));
  const fault = found.find((sample) => sample.fault !== undefined)?.fault;
  if (fault !== undefined) return { tookMs, fault };
  return tookMs <= PROMISED_MS
    ? { tookMs }
    : { tookMs, fault: `refused after ${Math.round(tookMs)} ms; DELETE took ${Math.round(answeredMs)} ms` };
}

async function firstRefusal(
  gatewayUrl: string,
  { api_key: key, user }: Victim,
  { address, startMs }: { address: string; startMs: number },
): Promise<Sample> {
  for (;;) {
    const { status, body } = await ask({ gatewayUrl, key, address });
    const tookMs = performance.now() - startMs;
    if (status === 401) {
      const again = await ask({ gatewayUrl, key, address });
      return again.status === 401 ? { tookMs } : { tookMs, fault: `refused, and then ${again.status}` };
    }
    if (status !== 200 || body !== user) return { tookMs, fault: `${status}: ${body.slice(0, 200)}` };
    if (tookMs > PATIENCE_MS) return { tookMs, fault: 'never refused' };
    await sleep(POLL_MS);
  }
}

async function swept({ keyService }: AttackStage): Promise<number> {
  return gauge(await (await fetch(`${keyService.url}/metrics`)).text(), 'keys_swept_total');
}
