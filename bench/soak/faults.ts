import { sleep } from '../lib/poll.ts';

export const FAULTY = ['auth', 'redis', 'upstream'] as const;
export type Faulty = (typeof FAULTY)[number];

/** A part that can be hurt and healed. */
export interface Patient {
  pause(): void;
  resume(): void;
  kill(): Promise<void>;
  start(): Promise<void>;
}

/** One fault: from its beginning until its traces may be gone. ms of `performance.now`. */
export interface FaultWindow {
  part: Faulty;
  kind: 'pause' | 'kill';
  fromMs: number;
  /** Infinity while it goes on. */
  toMs: number;
}

export interface FaultTiming {
  /** Shortest and longest fault, ms. */
  faultMs: readonly [number, number];
  /** Shortest and longest rest after one, ms. */
  restMs: readonly [number, number];
  /** How long after its end a fault may still be felt, ms. */
  aftermathMs: number;
}

/** Hurts one part after another until told to stop, and leaves all of them well. */
export class FaultInjector {
  readonly windows: FaultWindow[] = [];
  private stopping = false;
  private readonly patients: Readonly<Record<Faulty, Patient>>;
  private readonly timing: FaultTiming;
  private readonly random: () => number;

  constructor(patients: Readonly<Record<Faulty, Patient>>, timing: FaultTiming, random: () => number) {
    this.patients = patients;
    this.timing = timing;
    this.random = random;
  }

  async run(report: (window: FaultWindow) => void): Promise<void> {
    await this.rest();
    for (let turn = 0; !this.stopping; turn += 1) {
      // All parts and both kinds in turn, so that a short run sees each.
      const part = FAULTY[turn % FAULTY.length]!;
      const kind = Math.floor(turn / FAULTY.length) % 2 === 0 ? 'pause' : 'kill';
      const window: FaultWindow = { part, kind, fromMs: performance.now(), toMs: Infinity };
      this.windows.push(window);
      report(window);
      await this.hurt(this.patients[part], kind);
      window.toMs = performance.now() + this.timing.aftermathMs;
      await this.rest();
    }
  }

  stop(): void {
    this.stopping = true;
  }

  /** Parts whose faults touch a request that lasted from `fromMs` to `toMs`. */
  felt(fromMs: number, toMs: number): Set<Faulty> {
    const touching = this.windows.filter((window) => window.fromMs <= toMs && window.toMs >= fromMs);
    return new Set(touching.map(({ part }) => part));
  }

  private async hurt(patient: Patient, kind: FaultWindow['kind']): Promise<void> {
    if (kind === 'pause') {
      patient.pause();
      await this.between(this.timing.faultMs);
      patient.resume();
      return;
    }
    await patient.kill();
    await this.between(this.timing.faultMs);
    await patient.start();
  }

  private rest(): Promise<void> {
    return this.stopping ? Promise.resolve() : this.between(this.timing.restMs);
  }

  private between([least, most]: readonly [number, number]): Promise<void> {
    return sleep(least + this.random() * (most - least));
  }
}
