import { fileURLToPath } from 'node:url';
import { endOfOutput, startChild, type ChildProgram } from '../../lib/children.ts';
import { sleep } from '../../lib/poll.ts';
import {
  ATTACK_SHARE,
  WARM_UP_MS,
  type Assault,
  type Attack,
  type AttackOptions,
  type Deeds,
} from './attack.ts';
import type { AttackStage } from './attack-stage.ts';
import { broken, figuresOf, PHASES, type Figures, type Phase, type Sample } from './phases.ts';

/** What became of an attack and its victim. */
export interface AttackOutcome {
  readonly attack: Attack;
  readonly figures: Readonly<Record<Phase, Figures>>;
  readonly deeds: Deeds;
  readonly wrong: readonly string[];
}

const REST = (1 - ATTACK_SHARE) / 2;
const SHARES: Readonly<Record<Phase, number>> = { before: REST, during: ATTACK_SHARE, after: REST };
/** For an attacker to end after its time. */
const GRACE_MS = 15_000;
const FAULTS_SHOWN = 3;

/** Watches the victim before, during and after the attack. */
export async function runAttack(
  attack: Attack,
  stage: AttackStage,
  options: AttackOptions,
): Promise<AttackOutcome> {
  const assault = await attack.prepare(stage, options);
  await watch(assault, WARM_UP_MS);
  const faults: string[] = [];
  let deeds: Deeds = {};
  const figures = {} as Record<Phase, Figures>;
  for (const phase of PHASES) {
    const forMs = SHARES[phase] * options.watchedMs;
    const attacker = phase === 'during' ? startAttacker(assault, forMs) : undefined;
    const startMs = performance.now();
    const samples = await watch(assault, forMs);
    figures[phase] = figuresOf(samples, performance.now() - startMs);
    if (attacker) deeds = await deedsOf(attacker);
    faults.push(
      ...samples
        .flatMap(({ fault }) => fault ?? [])
        .slice(0, FAULTS_SHOWN)
        .map((fault) => `${phase}: ${fault}`),
    );
  }
  const wrong = [...broken(figures, assault.promised), ...(await assault.judge(deeds)), ...faults];
  return { attack, figures, deeds, wrong: wrong.map((text) => `${attack.name}: ${text}`) };
}

/** What the victim did in that time, each thing begun within it. */
async function watch({ victim, pace }: Assault, forMs: number): Promise<Sample[]> {
  const samples: Sample[] = [];
  const endMs = performance.now() + forMs;
  const work = async (): Promise<void> => {
    while (performance.now() < endMs) {
      const sample = await victim();
      if (sample === undefined) return;
      samples.push(sample);
      await sleep(pace.pauseMs);
    }
  };
  await Promise.all(Array.from({ length: pace.workers }, work));
  return samples;
}

function startAttacker({ attacker, orders }: Assault, forMs: number): ChildProgram {
  const script = fileURLToPath(new URL(`../attackers/${attacker}.node.ts`, import.meta.url));
  return startChild(process.execPath, [script], { input: JSON.stringify({ ...orders, forMs }) });
}

/** @throws Error where the attacker failed or does not end */
async function deedsOf(attacker: ChildProgram): Promise<Deeds> {
  const timer = setTimeout(() => void attacker.stop('SIGKILL'), GRACE_MS);
  const code = await attacker.exited;
  clearTimeout(timer);
  if (code !== 0) throw new Error(`an attacker ended with ${code}: ${endOfOutput(attacker)}`);
  return JSON.parse(attacker.output().trim().split('\n').at(-1) ?? '{}') as Deeds;
}
