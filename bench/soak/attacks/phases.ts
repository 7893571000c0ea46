import { quantile } from '../../lib/stats.ts';

export const PHASES = ['before', 'during', 'after'] as const;
export type Phase = (typeof PHASES)[number];

/** One thing that a victim did. */
export interface Sample {
  readonly tookMs: number;
  /** What was not as it should be, in words; absent where all was well. */
  readonly fault?: string;
}

export interface Figures {
  readonly done: number;
  readonly perSecond: number;
  /** Of what went well, ms; NaN where nothing did. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly faults: number;
}

/** What a victim is promised while it is attacked. */
export interface Promised {
  /** Share of the victim's rate before the attack that is left to it at least. */
  readonly leastRate: number;
  readonly mostP99Ms: number;
}

/** @param lastedMs from the begin of the phase to the end of its last sample */
export function figuresOf(samples: readonly Sample[], lastedMs: number): Figures {
  const times = samples.filter(({ fault }) => fault === undefined).map(({ tookMs }) => tookMs);
  return {
    done: samples.length,
    perSecond: lastedMs > 0 ? (times.length * 1000) / lastedMs : 0,
    p50Ms: quantile(times, 0.5),
    p99Ms: quantile(times, 0.99),
    faults: samples.length - times.length,
  };
}

/** What of the figures breaks the promise, in words. Every phase must go without a fault. */
export function broken(figures: Readonly<Record<Phase, Figures>>, promised: Promised): string[] {
  const problems: string[] = [];
  for (const phase of PHASES) {
    const { done, faults } = figures[phase];
    if (done === 0) problems.push(`${phase}: the victim did nothing`);
    if (faults > 0) problems.push(`${phase}: ${faults} of ${done} went wrong`);
  }
  const { before, during } = figures;
  if (during.p99Ms > promised.mostP99Ms)
    problems.push(
      `during: p99 is ${Math.round(during.p99Ms)} ms, at most ${promised.mostP99Ms} are promised`,
    );
  const rate = during.perSecond / before.perSecond;
  if (rate < promised.leastRate)
    problems.push(
      `during: ${Math.round(rate * 100)} % of the rate is left, ${promised.leastRate * 100} % are promised`,
    );
  return problems;
}
