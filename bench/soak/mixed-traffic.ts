import { readFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { endOfOutput } from '../lib/children.ts';
import { eventually, sleep } from '../lib/poll.ts';
import { seededRandom } from '../../test/support/lib/random.ts';
import { descriptors } from '../lib/process-stats.ts';
import { figure, table } from '../lib/readme.ts';
import { Books, countsOf, countsOfLog, differences, gauge, sum } from './books.ts';
import { FaultInjector } from './faults.ts';
import { LeakWatch, type LeakReport } from './leak-watch.ts';
import { draw, type Surroundings } from './operations.ts';
import { say } from './say.ts';
import { setStage, type Stage } from './stage.ts';

/** Redis, the listener, and what is kept for an auth service that may be asked again. */
const IDLE_SOCKETS = 12;
const MOST_SLOPE_MB_PER_MINUTE = 3;
/** Shorter runs say nothing about a slope. */
export const SLOPE_FROM_MINUTES = 4;
const THINK_MS = 30;

export interface MixedOptions {
  readonly minutes: number;
  readonly workers: number;
  readonly seed: number;
}

/** What a run showed. */
export interface MixedOutcome {
  readonly report: object;
  /** In Markdown. */
  readonly summary: string;
  /** What should not have been, in words. */
  readonly wrong: readonly string[];
}

/** Works until `endMs`, one operation after another. */
async function work(around: Surroundings, endMs: number): Promise<void> {
  while (performance.now() < endMs && !around.over()) {
    await draw(around.random).run(around);
    await sleep(around.random() * THINK_MS);
  }
}

/** What is left open once nobody asks any more; waits as long as pools keep their idle sockets. */
async function idleSockets(stage: Stage): Promise<number> {
  const count = (): number => descriptors(stage.gateway.child.pid).sockets;
  await eventually(() => count() <= IDLE_SOCKETS, { timeoutMs: 15_000 }).catch(() => {});
  return count();
}

interface Run {
  readonly options: MixedOptions;
  readonly books: Books;
  readonly leaks: LeakReport;
  readonly faults: FaultInjector;
  readonly wrong: string[];
}

async function checkAfterwards(stage: Stage, { options, books, leaks, wrong }: Run): Promise<object> {
  const sockets = await idleSockets(stage);
  if (sockets > IDLE_SOCKETS) wrong.push(`${sockets} sockets are open and nobody asks anything`);
  const metrics = await (await fetch(`${stage.gateway.url}/metrics`)).text();
  for (const name of ['mlflow_proxy_in_flight', 'mlflow_proxy_queued'])
    if (gauge(metrics, name) > 0) wrong.push(`${name} is ${gauge(metrics, name)} and nobody asks anything`);
  wrong.push(...differences(books, countsOf(metrics)));
  if (options.minutes >= SLOPE_FROM_MINUTES && leaks.slopeMbPerMinute > MOST_SLOPE_MB_PER_MINUTE)
    wrong.push(`resident memory grows by ${leaks.slopeMbPerMinute.toFixed(1)} MB a minute`);
  await stage.stop();
  const log = stage.gateway.child.output();
  if (sum(countsOfLog(log)) !== books.total)
    wrong.push(`the access log has ${sum(countsOfLog(log))} requests, the clients made ${books.total}`);
  const own = log.split('\n').filter((line) => /"event":"(?:[a-z]+_)?internal_error"/.test(line));
  if (own.length > 0) wrong.push(`${own.length} faults of the gateway's own: ${own[0]}`);
  if (log.includes('hk_live_')) wrong.push('a key stands in the log');
  const leaked = readFileSync(stage.leaksFile, 'utf8');
  if (leaked !== '') wrong.push(`a key reached the upstream: ${leaked.slice(0, 200)}`);
  return { ...leaks, idleSockets: sockets, handles: gauge(metrics, 'nodejs_active_handles_total') };
}

/** Mixed traffic with faults injected, and then the books. */
export async function mixedTraffic(options: MixedOptions): Promise<MixedOutcome> {
  const { minutes, workers: count, seed } = options;
  say(`mixed traffic: ${minutes} minutes, seed ${seed}`);
  const stage = await setStage();
  const [books, wrong, random] = [new Books(), [] as string[], seededRandom(seed)];
  const agent = new Agent({ keepAlive: true });
  const scale = Math.min(1, Math.max(0.4, minutes));
  const faults = new FaultInjector(
    stage.patients,
    { faultMs: [300, 4500 * scale], restMs: [800, 5000 * scale], aftermathMs: 4000 },
    random,
  );
  const around: Surroundings = {
    gatewayUrl: stage.gateway.url,
    adminToken: stage.adminToken,
    revokedFile: stage.revokedFile,
    agent,
    random,
    book: (ended, operation) => books.enter(ended, operation),
    felt: (sinceMs) => faults.felt(sinceMs, performance.now()),
    wrong: (what) => void wrong.push(what),
    over: () => stage.gateway.child.isOver(),
  };
  const startMs = performance.now();
  const endMs = startMs + minutes * 60_000;
  const second = (): string => `${Math.round((performance.now() - startMs) / 1000)} s`;
  const watch = new LeakWatch(stage.gateway.child.pid);
  const workers = Array.from({ length: count }, () => work(around, endMs));
  const injecting = faults.run(({ part, kind }) =>
    say(`${second()}: ${kind} ${part}, ${books.total} requests so far`),
  );
  while (performance.now() < endMs && !around.over()) await sleep(200);
  faults.stop();
  await Promise.all([...workers, injecting]);
  const leaks = watch.stop();
  agent.destroy();
  if (stage.gateway.child.isOver()) throw new Error(`the gateway ended: ${endOfOutput(stage.gateway.child)}`);
  const run: Run = { options, books, leaks, faults, wrong };
  const after = await checkAfterwards(stage, run);
  return { report: report(run, after), summary: summary(run), wrong };
}

/** The last long run, for README.md. */
function summary({ options, books, leaks, faults, wrong }: Run): string {
  const rows: [string, string][] = [
    ['requests', figure(books.total)],
    ['faults injected', figure(faults.windows.length)],
    ['requests that nobody answered', String(books.unanswered)],
    ['answers cut, each by a fault of the upstream', String(books.truncated)],
    ['requests left by their clients', String(books.left)],
    ['resident memory, second half', `${leaks.slopeMbPerMinute.toFixed(2)} MB a minute`],
    ['resident memory, most', `${figure(leaks.peakMb)} MB`],
    ['what did not add up', wrong.length === 0 ? 'nothing' : `**${wrong.length} things**`],
  ];
  const date = new Date().toISOString().slice(0, 10);
  return `${table([['figure', 'last run'], ...rows])}\n\nRun on ${date}, ${options.minutes} minutes, seed ${options.seed}.`;
}

function report({ options, books, faults }: Run, after: object): object {
  const { total, truncated, left, unanswered } = books;
  return {
    seed: options.seed,
    minutes: options.minutes,
    requests: total,
    answers: Object.fromEntries([...books.complete].sort()),
    ended_early: { truncated, left, unanswered },
    operations: Object.fromEntries(books.operations),
    faults: faults.windows.length,
    gateway: after,
  };
}
