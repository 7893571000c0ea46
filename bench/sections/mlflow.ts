import { startMlflowServer, type MlflowServer } from '../../test/support/mlflow/mlflow-server.ts';
import { canKeepApart, keepOn, processorsOf } from '../lib/processors.ts';
import { MLFLOW_PYTHON, hasProgram } from '../lib/programs.ts';
import { figure, type Row } from '../lib/readme.ts';
import { wrk } from '../lib/wrk.ts';
import { startBackend } from '../parts/backend.ts';
import { missing } from '../peers/all.ts';
import { gateway } from '../peers/gateway/peer.ts';
import { mlflowBasicAuth } from '../peers/mlflow-basic-auth/peer.ts';
import { nginx } from '../peers/nginx/peer.ts';
import { nodeUndici } from '../peers/node-undici/peer.ts';
import { headersOf, REQUEST_PATH, type Peer } from '../peers/peer.ts';
import {
  byName,
  interleave,
  measuredRows,
  p50Ratio,
  rateRatio,
  twice,
  TWICE_NOTE,
  warmUp,
  type Measured,
  type Target,
} from './rounds.ts';
import { startPeers, type RunningPeers } from './running-peers.ts';
import { CannotRun, type BenchOptions, type Figure, type Section } from './section.ts';

// As one training job asks, and as several at once do. One worker of MLflow runs one thread at a time: four
// connections keep it busy; with eight its threads get into each other's way and answer less, which hides what stands
// in front.
const ONE = 1;
const SEVERAL = 4;
// The basic-auth app answers a handful a second: a shorter visit would see none.
const LEAST_SECONDS = 6;

export const mlflow: Section = {
  name: 'mlflow',
  title: 'In front of a real MLflow',
  async run(options) {
    if (!(await hasProgram(MLFLOW_PYTHON))) throw new CannotRun('MLflow is not installed in .cache/');
    const server = await startMlflowServer();
    const peers = await startWarm([nginx, nodeUndici, gateway], server);
    const basic =
      (await missing(mlflowBasicAuth)).length === 0
        ? await mlflowBasicAuth.start({ ...peers.backend })
        : undefined;
    let apart: Apart | undefined;
    try {
      const direct = {
        name: 'direct',
        label: 'MLflow directly',
        url: server.url + REQUEST_PATH,
        headers: {},
      };
      const behind = peers.targets.map((target) => ({ ...target, label: `MLflow behind ${target.label}` }));
      const basicAuth = basic && {
        name: mlflowBasicAuth.name,
        label: mlflowBasicAuth.label,
        url: basic.url + REQUEST_PATH,
        headers: headersOf(mlflowBasicAuth),
      };
      const all = [direct, ...behind, ...(basicAuth ? [basicAuth] : [])];
      apart = await keepApart([server.pid, ...(basic ? [basic.pid] : [])]);
      const several = await visit(all, twice(options), SEVERAL);
      const one = await visit(without(all, nginx, nodeUndici), options, ONE);
      await apart.undo();
      const shared = await visit([direct, ...behind], twice(twice(options)), SEVERAL);
      return {
        figures: [
          ...overDirect(several, ''),
          ...overDirect(shared, ', processors shared'),
          ...(basic ? overBasicAuth(one, several) : []),
        ],
        details: [
          ...rows(several, `, ${SEVERAL} connections`),
          ...rows(one, ', one connection').slice(1),
          ...rows(shared, `, ${SEVERAL} connections, processors shared`).slice(1),
        ],
        notes: [
          'MLflow with one worker on SQLite; what stands in front was warmed up on a fast upstream in its place',
          `${SEVERAL} connections: ${TWICE_NOTE}; four times as often where processors are shared`,
          apart.note,
          basic
            ? `${mlflowBasicAuth.label}: ${mlflowBasicAuth.about}`
            : 'MLflow basic-auth was left out: its extra is not installed',
          ...peers.absent,
        ],
      };
    } finally {
      // What comes after this section has all processors again, also where it failed.
      await apart?.undo();
      await Promise.all([peers.stop(), basic?.stop(), server.close()]);
    }
  },
};

const without = (targets: readonly Target[], ...peers: readonly Peer[]): Target[] =>
  targets.filter(({ name }) => peers.every((peer) => peer.name !== name));

/**
 * Starts peers in front of MLflow as they are after some hours of work. At its hundred requests a second V8 takes many
 * minutes to compile what they run, so a fast upstream first stands where MLflow will be.
 */
async function startWarm(which: readonly Peer[], server: MlflowServer): Promise<RunningPeers> {
  await server.stop();
  const standIn = await startBackend(Number(new URL(server.url).port));
  try {
    const peers = await startPeers(which, server.url);
    for (const target of peers.targets) await warmUp(target, SEVERAL);
    return peers;
  } finally {
    await standIn.stop();
    await server.start();
  }
}

/** One short visit warms MLflow, and the way to it. */
function visit(
  targets: readonly Target[],
  { rounds, seconds }: Pick<BenchOptions, 'rounds' | 'seconds'>,
  connections: number,
): Promise<Measured[]> {
  const length = Math.max(seconds, LEAST_SECONDS);
  const warm = ({ url, headers }: Target): Promise<unknown> =>
    wrk({ url, headers, seconds: LEAST_SECONDS, connections });
  return interleave(targets, { rounds, seconds: length, connections, warm });
}

interface Apart {
  /** For the reader of the figures. */
  readonly note: string;
  undo(): Promise<void>;
}

/**
 * Gives each MLflow the same one processor and everything else the others. Where it shares processors with what stands
 * in front, a quarter of its own speed goes: its threads pass Python's lock from one processor to another, and wait
 * for whoever runs there.
 */
async function keepApart(mlflows: readonly number[]): Promise<Apart> {
  if (!(await canKeepApart()))
    return { note: 'nothing could be kept on processors of its own here', undo: async () => {} };
  const [first, ...others] = processorsOf();
  await keepOn(others, process.pid);
  for (const pid of mlflows) await keepOn([first!], pid);
  return {
    note:
      'each MLflow, the basic-auth app too, has the same one processor and all else the others, as where MLflow runs ' +
      'on a machine of its own; in rows with "processors shared" nothing is kept apart',
    undo: () => keepOn([first!, ...others], process.pid),
  };
}

/** What the gateway costs where MLflow has as much to do as it can. */
function overDirect(measured: readonly Measured[], suffix: string): Figure[] {
  const [ours, direct] = [byName(measured, gateway.name), byName(measured, 'direct')];
  const rate = rateRatio(ours, direct);
  const half = p50Ratio(ours, direct);
  return [
    {
      what: `requests/s over MLflow directly${suffix}`,
      value: rate,
      shown: figure(rate),
      goal: { atLeast: 0.97 },
    },
    { what: `p50 over MLflow directly${suffix}`, value: half, shown: figure(half), goal: { atMost: 1.05 } },
  ];
}

function overBasicAuth(one: readonly Measured[], several: readonly Measured[]): Figure[] {
  const over = (measured: readonly Measured[], what: string): Figure => {
    const value = rateRatio(byName(measured, gateway.name), byName(measured, mlflowBasicAuth.name));
    return { what, value, shown: figure(value), goal: { atLeast: 25 } };
  };
  return [
    over(one, "requests/s over MLflow's basic-auth app, one connection"),
    over(several, `the same with ${SEVERAL} connections`),
  ];
}

/** Each row's first cell with `suffix`, below the head. */
function rows(measured: readonly Measured[], suffix: string): Row[] {
  const [head, ...body] = measuredRows(measured, 'direct');
  return [head!, ...body.map(([label, ...cells]) => [`${label}${suffix}`, ...cells])];
}
