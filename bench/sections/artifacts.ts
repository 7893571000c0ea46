import { truncateSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runProgram, startChild, workFolder } from '../lib/children.ts';
import { freePort, untilAnswers } from '../lib/poll.ts';
import { watchMemory } from '../lib/process-stats.ts';
import { hasProgram } from '../lib/programs.ts';
import { figure } from '../lib/readme.ts';
import { median } from '../lib/stats.ts';
import { GOOD_KEY, startBackend } from '../parts/backend.ts';
import { gateway } from '../peers/gateway/peer.ts';
import { nginx } from '../peers/nginx/peer.ts';
import { MOUNT } from '../peers/peer.ts';
import { progress } from './rounds.ts';
import { CannotRun, type Section } from './section.ts';

const PATH = '/api/2.0/mlflow-artifacts/artifacts/model.bin';
const MB = 1 << 20;
type Direction = 'up' | 'down';

interface Route {
  label: string;
  base: string;
  pid?: number;
  /** MB/s of each round. */
  rates: Record<Direction, number[]>;
  /** Most that resident memory grew while one artifact passed, MB. */
  growthMb: Record<Direction, number[]>;
}

const route = (label: string, base: string, pid?: number): Route => ({
  label,
  base,
  ...(pid !== undefined && { pid }),
  rates: { up: [], down: [] },
  growthMb: { up: [], down: [] },
});

/** Moves one artifact with curl. @throws Error where fewer bytes than sent arrived */
async function move(to: Route, direction: Direction, bytes: number, file: string): Promise<void> {
  const memory = to.pid === undefined ? undefined : watchMemory(to.pid);
  const args = ['-sS', '--fail', '-H', `Authorization: Bearer ${GOOD_KEY}`];
  args.push('-w', '\n%{time_total} %{size_upload} %{size_download}');
  if (direction === 'up') args.push('-H', 'Expect:', '-T', file, to.base + PATH);
  else args.push('-o', '/dev/null', `${to.base}${PATH}?bytes=${bytes}`);
  const output = await runProgram('curl', args, { timeoutMs: 300_000 });
  const [seconds = 0, up = 0, down = 0] = output.trim().split('\n').at(-1)!.split(' ').map(Number);
  if ((direction === 'up' ? up : down) !== bytes)
    throw new Error(`${to.label}: not all of the artifact passed`);
  if (direction === 'up' && !output.includes(`"received":${bytes}`))
    throw new Error(`${to.label}: the store did not receive all of the artifact`);
  to.rates[direction].push(bytes / MB / seconds);
  const grown = memory?.();
  if (grown) to.growthMb[direction].push(grown.peakMb - grown.firstMb);
  progress(`${to.label} ${direction}: ${figure(bytes / MB / seconds)} MB/s`);
}

export const artifacts: Section = {
  name: 'artifacts',
  title: 'One large artifact each way',
  async run({ artifactBytes, rounds }) {
    if (!(await hasProgram('nginx')) || !(await hasProgram('curl')))
      throw new CannotRun('nginx or curl is missing');
    const [port, dir, backend] = [await freePort(), workFolder('artifact'), await startBackend()];
    const script = fileURLToPath(new URL('../parts/artifact-store.node.ts', import.meta.url));
    const store = startChild(process.execPath, [script, String(port)]);
    const storeUrl = `http://127.0.0.1:${port}`;
    await untilAnswers(storeUrl, 'the artifact store', { child: store });
    const file = `${dir}/artifact.bin`;
    writeFileSync(file, '');
    truncateSync(file, artifactBytes);
    const context = { upstreamUrl: storeUrl, authUrl: backend.authUrl };
    const [ours, theirs] = [await gateway.start(context), await nginx.start(context)];
    const routes = [
      route('the store alone', storeUrl),
      route('nginx', theirs.url + MOUNT),
      route('this gateway', ours.url + MOUNT, ours.pid),
    ];
    try {
      for (const each of routes) for (const way of ['up', 'down'] as const) await warm(each, way, file);
      for (let round = 0; round < rounds; round += 1)
        for (const way of ['up', 'down'] as const)
          for (const each of routes) await move(each, way, artifactBytes, file);
    } finally {
      await Promise.all([ours.stop(), theirs.stop(), store.stop(), backend.stop()]);
    }
    return report(routes, artifactBytes);
  },
};

/** The first bytes through a proxy start its code paths and its pools; they count for nothing. */
async function warm(each: Route, way: Direction, file: string): Promise<void> {
  const small = `${file}.warm`;
  writeFileSync(small, Buffer.alloc(32 * MB));
  const scratch = route(each.label, each.base);
  await move(scratch, way, 32 * MB, small);
}

function report(routes: readonly Route[], bytes: number): Awaited<ReturnType<Section['run']>> {
  const [, theirs, ours] = routes as [Route, Route, Route];
  const ratio = (way: Direction): number =>
    median(ours.rates[way].map((value, round) => value / theirs.rates[way][round]!));
  const growth = Math.max(...ours.growthMb.up, ...ours.growthMb.down);
  return {
    figures: [
      {
        what: 'upload throughput over nginx',
        value: ratio('up'),
        shown: figure(ratio('up')),
        goal: { atLeast: 0.8 },
      },
      {
        what: 'download throughput over nginx',
        value: ratio('down'),
        shown: figure(ratio('down')),
        goal: { atLeast: 0.8 },
      },
      {
        what: 'memory growth, the largest of all passes',
        value: growth,
        shown: `${figure(growth)} MB`,
        goal: { below: 64 },
      },
    ],
    details: [
      ['way', 'upload MB/s', 'download MB/s', 'memory growth MB'],
      ...routes.map(({ label, rates, growthMb }) => [
        label,
        figure(median(rates.up)),
        figure(median(rates.down)),
        growthMb.up.length > 0 ? figure(Math.max(...growthMb.up, ...growthMb.down)) : '–',
      ]),
    ],
    notes: [
      `${figure(bytes / 2 ** 30)} GiB with curl; the store keeps nothing; nginx buffers neither way in files`,
    ],
  };
}
