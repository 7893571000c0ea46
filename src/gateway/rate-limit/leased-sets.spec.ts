import { requestLimits } from '../../../test/support/lib/rate-limits.js';
import { busiestSpan, seededRandom } from '../../../test/support/lib/random.js';
import { SlidingWindow, take } from '../../lib/sliding-window.js';
import type { SharedTake, SharedTaken, SharedWindow } from '../windows/window-store.js';
import { LeasedLimit, type OwnShare } from './leased-limit.js';
import { OwnWindows } from './own-windows.js';
import type { RequestLimits } from './request-limits.js';

const SERVER_EPOCH_MS = 1_700_000_000_000;
const PER_HOUR = 1_000_000_000;

/** The script's twin for any windows, behind a network that answers when the simulation says so. */
class SimulatedRedis {
  readonly timeoutMs = 40;
  private readonly windows = new Map<string, SlidingWindow>();
  private readonly reached: (() => void)[] = [];

  constructor(private readonly serverMs: () => number) {}

  take(windows: readonly SharedWindow[], { want, refund }: SharedTake): Promise<SharedTaken> {
    return new Promise((resolve) => {
      this.reached.push(() => {
        const serverMs = this.serverMs();
        const limits = windows.map(({ limit }) => limit);
        const held = windows.map(({ name, shape }) => this.windowOf(name, shape));
        resolve({ serverMs, ...take(held, limits, Math.floor(serverMs), want, refund) });
      });
    });
  }

  /** Executes all calls that have arrived, and lets their callers go on. */
  async answer(): Promise<void> {
    for (const execute of this.reached.splice(0)) execute();
    for (let i = 0; i < 10; i++) await Promise.resolve();
  }

  held(name: string): number {
    return this.windows.get(name)?.total ?? 0;
  }

  /** As when it restarts empty. */
  forget(): void {
    this.windows.clear();
  }

  private windowOf(name: string, shape: SharedWindow['shape']): SlidingWindow {
    let window = this.windows.get(name);
    if (!window) this.windows.set(name, (window = new SlidingWindow(shape)));
    return window;
  }
}

/** One replica's key as the limiter holds it: its own windows, and a leased limit for each set of budgets. */
class KeyAtReplica extends OwnWindows implements OwnShare {
  private readonly leased = new Map<unknown, LeasedLimit>();
  deniedAfterRedis = 0;

  constructor(
    private readonly redis: SimulatedRedis,
    private readonly nowMs: () => number,
  ) {
    super();
  }

  get sharers(): number {
    return Math.max(1, this.leased.size);
  }

  async ask(limits: RequestLimits): Promise<boolean> {
    const { set } = limits;
    let leased = this.leased.get(set);
    if (!leased) {
      const names = set.budgets.map(({ name }) => name);
      this.leased.set(set, (leased = new LeasedLimit(this.redis, set, names, this.nowMs, this)));
    }
    const verdict = leased.decide(limits, this.nowMs());
    const { granted } = verdict instanceof Promise ? await verdict : verdict;
    const accepted = granted && this.room(limits, this.nowMs()) > 0;
    if (accepted) this.count(limits);
    if (granted && !accepted) this.deniedAfterRedis++;
    return accepted;
  }
}

describe('a key whose requests count in different budgets', () => {
  const matrix = [1, 2, 5].flatMap((replicas) =>
    [
      { burst: 40, searches: 30, writes: 25 },
      { burst: 9000, searches: 6000, writes: 5000 },
    ].flatMap((limits) => [0.7, 2].map((load) => ({ replicas, load, ...limits }))),
  );

  it.each(matrix)(
    'exceeds none of them in any window: $replicas replicas, burst $burst, searches $searches, writes $writes, load $load',
    async ({ replicas: count, load, burst, searches, writes }) => {
      const next = seededRandom(count + burst + load);
      let nowMs = 0;
      const redis = new SimulatedRedis(() => SERVER_EPOCH_MS + nowMs);
      const replicas = Array.from(
        { length: count },
        (_, i) => new KeyAtReplica(redis, () => nowMs + i * 12_345.6),
      );
      const pair = { perHour: PER_HOUR, burst };
      const kinds = {
        reads: requestLimits(pair, 1),
        searches: requestLimits({ ...pair, searches }, 1),
        writes: requestLimits({ ...pair, writes }, 1),
      };
      const accepted: Record<keyof typeof kinds, number[]> = { reads: [], searches: [], writes: [] };
      let due = 0;
      for (; nowMs < 2200; nowMs += 5) {
        for (due += (burst * load) / 200; due >= 1; due--) {
          const kind = (['reads', 'searches', 'writes'] as const)[
            Math.floor(next() * 3)
          ] as keyof typeof kinds;
          const replica = replicas[Math.floor(next() * count)] as KeyAtReplica;
          void replica.ask(kinds[kind]).then((yes) => yes && accepted[kind].push(nowMs));
        }
        if (next() < 0.8) await redis.answer();
      }
      const all = Object.values(accepted)
        .flat()
        .sort((a, b) => a - b);
      // A verdict is noted when it arrives, up to three steps after it was counted.
      expect(busiestSpan(all, 1000 - 25)).toBeLessThanOrEqual(burst);
      expect(accepted.searches.length).toBeLessThanOrEqual(searches);
      expect(accepted.writes.length).toBeLessThanOrEqual(writes);
      expect(replicas.map(({ deniedAfterRedis }) => deniedAfterRedis)).toEqual(replicas.map(() => 0));
      // Nothing is counted but what was accepted, and the few slots that are leased.
      const leased = count * (burst / 2000);
      expect(redis.held('searches') - accepted.searches.length).toBeLessThanOrEqual(leased);
      expect(redis.held('writes') - accepted.writes.length).toBeLessThanOrEqual(leased);
    },
  );

  it('counts nothing in Redis that its replica would then refuse, also where two calls are under way', async () => {
    const redis = new SimulatedRedis(() => SERVER_EPOCH_MS);
    const key = new KeyAtReplica(redis, () => 0);
    const pair = { perHour: 10, burst: 100 };
    const reads = requestLimits(pair, 1);
    const searches = requestLimits({ ...pair, searches: 50 }, 1);
    const settle = async (asked: Promise<boolean>[]): Promise<number> => {
      for (let i = 0; i < 5; i++) await redis.answer();
      return (await Promise.all(asked)).filter(Boolean).length;
    };
    expect(await settle(Array.from({ length: 6 }, () => key.ask(reads)))).toBe(6);
    // What Redis has lost, the replica still knows: four are left.
    redis.forget();
    const asked = Array.from({ length: 12 }, (_, i) => key.ask(i % 2 === 0 ? reads : searches));
    expect(await settle(asked)).toBe(4);
    expect(key.deniedAfterRedis).toBe(0);
    expect(redis.held('hour')).toBe(4);
  });
});
