import { fileURLToPath } from 'node:url';
import { residentMb } from '../lib/process-stats.ts';
import { figure } from '../lib/readme.ts';
import { median } from '../lib/stats.ts';
import { wrk } from '../lib/wrk.ts';
import { startBackend } from '../parts/backend.ts';
import { startGateway } from '../parts/gateway.ts';
import { MOUNT, REQUEST_PATH } from '../peers/peer.ts';
import { progress } from './rounds.ts';
import { CannotRun, type Section } from './section.ts';

const SLICE_SECONDS = 3;
const MAX_SECONDS = 900;

export const distinctKeys: Section = {
  name: 'distinct-keys',
  title: 'Many distinct keys',
  async run({ distinctKeys: wanted }) {
    const backend = await startBackend();
    if (!backend.fast) throw new CannotRun('nginx is not installed: no auth service is fast enough');
    // A tenth of the keys fits, so that nine tenths of them must push others out.
    const bound = Math.max(1000, Math.round(wanted / 10));
    const { url, child } = await startGateway({
      ...backend,
      env: {
        AUTH_CACHE_MAX_ENTRIES: String(bound),
        RATE_LIMIT_MAX_TRACKED: String(bound),
        RATE_LIMIT_FAILED_AUTH_PER_MINUTE: '1000000',
      },
    });
    const script = fileURLToPath(new URL('distinct-keys.lua', import.meta.url));
    const seen: { keys: number; mb: number; perSecond: number }[] = [];
    const atStart = residentMb(child.pid);
    let keys = 0;
    let refused = 0;
    let broken = 0;
    const startedMs = performance.now();
    try {
      while (keys < wanted && performance.now() - startedMs < MAX_SECONDS * 1000) {
        const run = await wrk({
          url: url + MOUNT + REQUEST_PATH,
          seconds: SLICE_SECONDS,
          script,
          args: [String(seen.length * 10_000_000)],
        });
        keys += run.requests;
        refused += run.failed;
        broken += run.socketErrors;
        seen.push({ keys, mb: residentMb(child.pid), perSecond: run.requestsPerSecond });
        progress(`${figure(keys)} keys, ${figure(seen.at(-1)!.mb)} MB`);
      }
    } finally {
      await Promise.all([child.stop('SIGINT'), backend.stop()]);
    }
    const half = seen.filter((slice) => slice.keys >= keys / 2);
    const middle = half.slice(0, Math.ceil(half.length / 2)).map(({ mb }) => mb);
    const last = half.slice(Math.ceil(half.length / 2)).map(({ mb }) => mb);
    const growth = last.length > 0 ? median(last) - median(middle) : NaN;
    return {
      figures: [
        {
          what: `resident memory, fourth quarter over third of ${figure(keys)} distinct keys`,
          value: growth,
          shown: `${growth >= 0 ? '+' : ''}${figure(growth)} MB`,
          goal: { below: 32 },
        },
        { what: 'keys seen', value: keys, shown: figure(keys) },
      ],
      details: [
        ['keys seen', 'resident MB', 'requests/s, each with a new key'],
        ['0', figure(atStart), '–'],
        ...quarters(seen).map((slice) => [figure(slice.keys), figure(slice.mb), figure(slice.perSecond)]),
      ],
      notes: [
        `caches and limiter bounded to ${figure(bound)} entries each; one key of five is refused (${figure(refused)} answers), ${figure(broken)} connections broke`,
      ],
    };
  },
};

/** The slices at which each quarter was reached. */
function quarters<T extends { keys: number }>(seen: readonly T[]): T[] {
  const total = seen.at(-1)?.keys ?? 0;
  const at = [0.25, 0.5, 0.75, 1].map((share) => seen.find(({ keys }) => keys >= share * total)!);
  return at.filter((slice, index) => slice !== undefined && slice !== at[index - 1]);
}
