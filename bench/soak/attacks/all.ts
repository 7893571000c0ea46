import { eventually } from '../../lib/poll.ts';
import { gauge } from '../books.ts';
import { say } from '../say.ts';
import type { Attack, AttackOptions } from './attack.ts';
import { setAttackStage, type AttackStage } from './attack-stage.ts';
import { forgedRedis } from './forged-redis.ts';
import { inventedKeys } from './invented-keys.ts';
import { oneByteUploads } from './one-byte-uploads.ts';
import { revocationsBehindExpiries } from './revocations-behind-expiries.ts';
import { runAttack, type AttackOutcome } from './run-attack.ts';

const ATTACKS: readonly Attack[] = [oneByteUploads, inventedKeys, revocationsBehindExpiries, forgedRedis];

/** All attacks, one after the other on one stage. `others` is what was wrong beside them, also once all had ended. */
export async function runAttacks(options: {
  minutes: number;
  expiring: number;
}): Promise<{ outcomes: AttackOutcome[]; others: string[] }> {
  const each: AttackOptions = {
    watchedMs: (options.minutes * 60_000) / ATTACKS.length,
    expiring: options.expiring,
  };
  const stage = await setAttackStage();
  const outcomes: AttackOutcome[] = [];
  const failed: string[] = [];
  for (const attack of ATTACKS) {
    say(`attack: ${attack.name}`);
    // What one attack leaves in a bad state must not hide what the others show.
    await runAttack(attack, stage, each).then(
      (outcome) => outcomes.push(outcome),
      (error: unknown) => failed.push(`${attack.name}: ${(error as Error).message}`),
    );
    failed.push(...(await leftovers(stage)).map((text) => `after ${attack.name}: ${text}`));
  }
  return { outcomes, others: [...failed, ...(await stage.stop())] };
}

const LEFTOVERS = ['mlflow_proxy_in_flight', 'mlflow_proxy_queued', 'auth_unknown_keys_waiting'];
const CALM_WITHIN_MS = 30_000;

/** What is still under way or waiting at the replicas although nobody asks any more; waits for it to end. */
async function leftovers({ gateways }: AttackStage): Promise<string[]> {
  const now = async (): Promise<string[]> => {
    const found: string[] = [];
    for (const { url } of gateways) {
      const metrics = await (await fetch(`${url}/metrics`)).text();
      found.push(...LEFTOVERS.filter((name) => gauge(metrics, name) !== 0));
    }
    return found;
  };
  const calm = async (): Promise<boolean> => (await now()).length === 0;
  return eventually(calm, { timeoutMs: CALM_WITHIN_MS, intervalMs: 200 }).then(
    () => [],
    async () => (await now()).map((name) => `${name} does not come back to 0`),
  );
}
