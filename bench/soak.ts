/**
 * `npm run soak`: mixed traffic with faults injected, and then the books. Exits with 1 where anything is wrong.
 * Options: `--minutes n` (10), `--workers n` (16), `--seed n`, `--no-write`. A run
 * of some minutes writes its outcome into README.md.
 */
import { readFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { parseArgs } from 'node:util';
import { cleanUpAtExit, endOfOutput } from './lib/children.ts';
import { eventually, sleep } from './lib/poll.ts';
import { seededRandom } from '../test/support/random.ts';
import { descriptors } from './lib/process-stats.ts';
import { figure, table, writeSection } from './lib/readme.ts';
import { Books, countsOf, countsOfLog, differences, gauge, sum } from './soak/books.ts';
import { FaultInjector } from './soak/faults.ts';
import { LeakWatch, type LeakReport } from './soak/leak-watch.ts';
import { draw, type Surroundings } from './soak/operations.ts';
import { setStage, type Stage } from './soak/stage.ts';

/** Redis, the listener, and what is kept for an auth service that may be asked again. */
const IDLE_SOCKETS = 12;
const MOST_SLOPE_MB_PER_MINUTE = 3;
/** Shorter runs say nothing about a slope. */
const SLOPE_FROM_MINUTES = 4;
const THINK_MS = 30;
const MOST_WRONGS_SHOWN = 20;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    workers: { type: 'string', default: '16' },
    seed: { type: 'string' },
    'no-write': { type: 'boolean', default: false },
  },
});
const minutes = Number(values.minutes);
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const say = (text: string): void => void process.stderr.write(`${text}\n`);

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

async function checkAfterwards(
  stage: Stage,
  books: Books,
  leaks: LeakReport,
  wrong: string[],
): Promise<object> {
  const sockets = await idleSockets(stage);
  if (sockets > IDLE_SOCKETS) wrong.push(`${sockets} sockets are open and nobody asks anything`);
  const metrics = await (await fetch(`${stage.gateway.url}/metrics`)).text();
  for (const name of ['mlflow_proxy_in_flight', 'mlflow_proxy_queued'])
    if (gauge(metrics, name) > 0) wrong.push(`${name} is ${gauge(metrics, name)} and nobody asks anything`);
  wrong.push(...differences(books, countsOf(metrics)));
  if (minutes >= SLOPE_FROM_MINUTES && leaks.slopeMbPerMinute > MOST_SLOPE_MB_PER_MINUTE)
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

async function soak(): Promise<boolean> {
  say(`soak: ${minutes} minutes, seed ${seed}`);
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
  const workers = Array.from({ length: Number(values.workers) }, () => work(around, endMs));
  const injecting = faults.run(({ part, kind }) =>
    say(`${second()}: ${kind} ${part}, ${books.total} requests so far`),
  );
  while (performance.now() < endMs && !around.over()) await sleep(200);
  faults.stop();
  await Promise.all([...workers, injecting]);
  const leaks = watch.stop();
  agent.destroy();
  if (stage.gateway.child.isOver()) throw new Error(`the gateway ended: ${endOfOutput(stage.gateway.child)}`);
  const after = await checkAfterwards(stage, books, leaks, wrong);
  report(books, after, faults, wrong);
  if (minutes >= SLOPE_FROM_MINUTES && !values['no-write'])
    await writeSection('soak', summary({ books, leaks, faults, wrong }));
  return wrong.length === 0;
}

interface Outcome {
  books: Books;
  leaks: LeakReport;
  faults: FaultInjector;
  wrong: readonly string[];
}

/** The last long run, for README.md. */
function summary({ books, leaks, faults, wrong }: Outcome): string {
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
  return `${table([['figure', 'last run'], ...rows])}\n\nRun on ${date}, ${minutes} minutes, seed ${seed}.`;
}

function report(books: Books, after: object, faults: FaultInjector, wrong: readonly string[]): void {
  const { total, truncated, left, unanswered } = books;
  console.log(
    JSON.stringify(
      {
        seed,
        minutes,
        requests: total,
        answers: Object.fromEntries([...books.complete].sort()),
        ended_early: { truncated, left, unanswered },
        operations: Object.fromEntries(books.operations),
        faults: faults.windows.length,
        gateway: after,
        wrong: wrong.length,
      },
      null,
      2,
    ),
  );
  for (const text of wrong.slice(0, MOST_WRONGS_SHOWN)) say(`wrong: ${text}`);
  if (wrong.length > MOST_WRONGS_SHOWN) say(`and ${wrong.length - MOST_WRONGS_SHOWN} more`);
}

cleanUpAtExit();
soak().then(
  (right) => process.exit(right ? 0 : 1),
  (error: unknown) => {
    say(String((error as Error).stack));
    process.exit(2);
  },
);
