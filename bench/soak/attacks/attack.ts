import type { AttackStage } from './attack-stage.ts';
import type { Promised, Sample } from './phases.ts';

/** What an attacker says it did; names are for people. */
export type Deeds = Readonly<Record<string, number>>;

/** An attack that is about to begin, and its victim. */
export interface Assault {
  /** One thing that the victim does, over and over; undefined where there is nothing left to do. */
  readonly victim: () => Promise<Sample | undefined>;
  /** How many do so at once, and how long each pauses in between. */
  readonly pace: { readonly workers: number; readonly pauseMs: number };
  readonly promised: Promised;
  /** Program in `attackers/`, and what it gets by its standard input besides how long it may run. */
  readonly attacker: string;
  readonly orders: object;
  /** What is wrong beside the victim's figures: an attack that did not take place is too. */
  judge(deeds: Deeds): Promise<string[]> | string[];
  stop?(): Promise<void>;
}

export interface AttackOptions {
  /** How long the victim is watched in all, ms. */
  readonly watchedMs: number;
  /** Keys that expire at once. */
  readonly expiring: number;
}

export interface Attack {
  readonly name: string;
  /** What the victim does, for the table. */
  readonly victim: string;
  prepare(stage: AttackStage, options: AttackOptions): Promise<Assault>;
}

/** For which the victim is not watched yet: what is used for the first time is not what is measured. */
export const WARM_UP_MS = 1000;
/** Share of the watched time that the attack takes. */
export const ATTACK_SHARE = 0.5;

/** Most of what a victim may do, for keys that are made beforehand. */
export function mostSamples(
  { workers, pauseMs }: Assault['pace'],
  { watchedMs }: Pick<AttackOptions, 'watchedMs'>,
): number {
  return Math.ceil((workers * (watchedMs + WARM_UP_MS)) / pauseMs) + workers;
}
