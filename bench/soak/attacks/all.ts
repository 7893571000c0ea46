import { say } from '../say.ts';
import type { Attack, AttackOptions } from './attack.ts';
import { setAttackStage } from './attack-stage.ts';
import { forgedRedis } from './forged-redis.ts';
import { inventedKeys } from './invented-keys.ts';
import { oneByteUploads } from './one-byte-uploads.ts';
import { revocationsBehindExpiries } from './revocations-behind-expiries.ts';
import { runAttack, type AttackOutcome } from './run-attack.ts';

const ATTACKS: readonly Attack[] = [oneByteUploads, inventedKeys, revocationsBehindExpiries, forgedRedis];

/** All attacks, one after the other on one stage. `stage` is what came to light once all had ended. */
export async function runAttacks(options: {
  minutes: number;
  expiring: number;
}): Promise<{ outcomes: AttackOutcome[]; stage: string[] }> {
  const each: AttackOptions = {
    watchedMs: (options.minutes * 60_000) / ATTACKS.length,
    expiring: options.expiring,
  };
  const stage = await setAttackStage();
  const outcomes: AttackOutcome[] = [];
  for (const attack of ATTACKS) {
    say(`attack: ${attack.name}`);
    outcomes.push(await runAttack(attack, stage, each));
  }
  return { outcomes, stage: await stage.stop() };
}
