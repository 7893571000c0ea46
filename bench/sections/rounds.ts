import { cpuMs } from '../lib/process-stats.ts';
import { figure, type Row } from '../lib/readme.ts';
import { median, spread } from '../lib/stats.ts';
import { wrk, type WrkOptions, type WrkResult } from '../lib/wrk.ts';
import type { BenchOptions } from './section.ts';

/** Something that answers the measured request. */
export interface Target {
  name: string;
  label: string;
  url: string;
  headers: Record<string, string>;
  /** Lua script that makes the requests, where they are not all alike. */
  script?: string;
  /** Process whose CPU time is counted, with its descendants; absent for none. */
  pid?: number;
}

export interface Measured extends Target {
  runs: WrkResult[];
  /** CPU time a request, µs, one value a round. */
  cpuUs: number[];
}

/** A server that has been up for a while has compiled its code; at one connection that alone would take minutes. */
const WARM_UP = { seconds: 6, connections: 32 };
/**
 * And it has seen what is measured: other numbers of connections take other ways through the code, and clients that
 * leave make V8 compile it again. At one connection it was done after 15 seconds; until then one request in a hundred
 * waited 2 ms.
 */
const SETTLING_VISITS = 3;

export async function warmUp(target: Target, connections: number): Promise<void> {
  const request = requestOf(target);
  await wrk({ ...request, ...WARM_UP });
  if (connections === WARM_UP.connections) return;
  for (let visit = 0; visit < SETTLING_VISITS; visit += 1) await wrk({ ...request, ...WARM_UP, connections });
}

function requestOf({ url, headers, script }: Target): Pick<WrkOptions, 'url' | 'headers' | 'script'> {
  return { url, headers, ...(script !== undefined && { script }) };
}

export interface Visits extends Pick<BenchOptions, 'rounds' | 'seconds'> {
  /** Default 32. */
  connections?: number;
  /** What a target gets to do before it is measured; by default what it takes until its code is compiled. */
  warm?: (target: Target, connections: number) => Promise<unknown>;
}

/**
 * Warms every target up, then visits all of them in turn, round after round: a disturbance of the machine then affects
 * all of them alike.
 */
export async function interleave(
  targets: readonly Target[],
  { rounds, seconds, connections = 32, warm = warmUp }: Visits,
): Promise<Measured[]> {
  const measured = targets.map((target) => ({ ...target, runs: [] as WrkResult[], cpuUs: [] as number[] }));
  for (const target of measured) await warm(target, connections);
  for (let round = 1; round <= rounds; round += 1)
    for (const target of startingAt(measured, round - 1)) {
      const before = target.pid === undefined ? 0 : cpuMs(target.pid);
      const run = await wrk({ ...requestOf(target), seconds, connections });
      target.runs.push(run);
      if (target.pid !== undefined) target.cpuUs.push(((cpuMs(target.pid) - before) * 1000) / run.requests);
      progress(`round ${round}: ${target.label} ${figure(run.requestsPerSecond)}/s`);
    }
  return measured;
}

/** Who comes first changes: what a visit leaves behind must not always meet the same target. */
function startingAt<T>(items: readonly T[], index: number): T[] {
  const first = index % items.length;
  return [...items.slice(first), ...items.slice(0, first)];
}

type Times = Pick<BenchOptions, 'rounds' | 'seconds'>;

/** For what spreads widely from visit to visit. */
export const twice = ({ rounds, seconds }: Times): Times => ({
  rounds: rounds * 2,
  seconds,
});
export const TWICE_NOTE = 'visited twice as often as said below';

export const progress = (text: string): void => void process.stderr.write(`  ${text}\n`);

export const rate = ({ runs }: Measured): number => median(runs.map((run) => run.requestsPerSecond));
export const p50 = ({ runs }: Measured): number => median(runs.map((run) => run.p50Ms));
export const p99 = ({ runs }: Measured): number => median(runs.map((run) => run.p99Ms));

/** Median over the rounds of one target's rate over another's in the same round. */
export const rateRatio = (one: Measured | undefined, other: Measured | undefined): number =>
  ratio(one, other, (run) => run.requestsPerSecond);

/** The same of half-way latencies. */
export const p50Ratio = (one: Measured | undefined, other: Measured | undefined): number =>
  ratio(one, other, (run) => run.p50Ms);

function ratio(
  one: Measured | undefined,
  other: Measured | undefined,
  of: (run: WrkResult) => number,
): number {
  if (!one || !other) return NaN;
  return median(one.runs.map((run, round) => of(run) / of(other.runs[round]!)));
}

export const byName = (measured: readonly Measured[], name: string): Measured | undefined =>
  measured.find((target) => target.name === name);

/** One line a target; what went wrong on the way stands there too. */
export function measuredRows(measured: readonly Measured[], base: string): Row[] {
  const reference = byName(measured, base);
  return [
    [
      'peer',
      'requests/s',
      `over ${reference?.label ?? base}`,
      'p50 ms',
      'p99 ms',
      'CPU µs a request',
      'spread',
    ],
    ...measured.map((target) => {
      const bad = target.runs.reduce((sum, run) => sum + run.failed + run.socketErrors, 0);
      return [
        target.label + (bad > 0 ? ` (${figure(bad)} requests failed)` : ''),
        figure(rate(target)),
        figure(rateRatio(target, reference)),
        figure(p50(target)),
        figure(p99(target)),
        target.cpuUs.length > 0 ? figure(median(target.cpuUs)) : '–',
        `${Math.round(spread(target.runs.map((run) => run.requestsPerSecond)) * 100)} %`,
      ];
    }),
  ];
}
