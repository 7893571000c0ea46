import { requestLimits, type TestLimits } from '../../../test/support/lib/rate-limits.js';
import { isFullRun } from '../../../test/support/run/full-run.js';
import { busiestSpan, seededRandom } from '../../../test/support/lib/random.js';
import { SlidingWindow, take } from '../../lib/sliding-window.js';
import { LeasedLimit, type OwnShare, type SharedVerdict } from './leased-limit.js';
import type { Standing } from './decision.js';
import type { RequestLimits } from './request-limits.js';
import type { SharedTake, SharedTaken, SharedWindow } from '../windows/window-store.js';

/** With a burst window of one second. */
const limitsOf = (limits: TestLimits): RequestLimits => requestLimits(limits, 1);
const { set: PAIR } = limitsOf({ perHour: 1, burst: 1 });
const NAMES = ['hour', 'burst'];
/** The server's clock is far from every replica's own. */
const SERVER_EPOCH_MS = 1_700_000_000_000;

/** The script's twin behind a network: a call is executed, and answered, when the simulation says so. */
class SimulatedRedis {
  readonly timeoutMs = 40;
  calls = 0;
  readonly reached: (() => void)[] = [];
  private readonly windows = PAIR.budgets.map(({ shape }) => new SlidingWindow(shape));

  constructor(private readonly serverMs: () => number) {}

  take(windows: readonly SharedWindow[], { want, refund, latestMs = 0 }: SharedTake): Promise<SharedTaken> {
    this.calls++;
    return new Promise((resolve) => {
      this.reached.push(() => {
        const serverMs = this.serverMs();
        const late = latestMs > 0 && serverMs > latestMs;
        resolve(
          late
            ? { granted: -1, serverMs, remaining: [], resetMs: [], buckets: [] }
            : {
                serverMs,
                ...take(
                  this.windows,
                  windows.map(({ limit }) => limit),
                  Math.floor(serverMs),
                  want,
                  refund,
                ),
              },
        );
      });
    });
  }

  /** Executes all calls that have arrived, and lets their callers go on. */
  async answer(): Promise<void> {
    for (const execute of this.reached.splice(0)) execute();
    for (let i = 0; i < 10; i++) await Promise.resolve();
  }

  get held(): number {
    return this.windows[1]?.total ?? 0;
  }
}

function ownShare(unreserved: () => number): OwnShare {
  return { unreserved, reserve: () => undefined, sharers: 1 };
}

class Simulation {
  nowMs = 0;
  readonly accepted: number[] = [];
  /** Milliseconds that the server's clock was set forward. */
  jumpMs = 0;
  readonly redis = new SimulatedRedis(() => SERVER_EPOCH_MS + this.jumpMs + this.nowMs);
  readonly replicas: LeasedLimit[];

  /** Every replica's monotonic clock starts somewhere else. */
  constructor(
    replicas: number,
    private readonly limits: TestLimits,
  ) {
    this.replicas = Array.from(
      { length: replicas },
      (_, i) =>
        new LeasedLimit(
          this.redis,
          PAIR,
          NAMES,
          () => this.nowMs + i * 12_345.6,
          ownShare(() => Infinity),
        ),
    );
  }

  ask(replica: number): SharedVerdict | Promise<SharedVerdict> {
    const key = this.replicas[replica] as LeasedLimit;
    const verdict = key.decide(limitsOf(this.limits), this.nowMs + replica * 12_345.6);
    if (verdict instanceof Promise)
      verdict.then(
        (late) => this.note(late),
        () => undefined,
      );
    else this.note(verdict);
    return verdict;
  }

  private note({ granted }: SharedVerdict): void {
    if (granted) this.accepted.push(this.nowMs);
  }
}

describe('replicas that share the count of a key', () => {
  // Beyond twice the largest limit, requests are only refused more often.
  const loadsOf = (limit: number): number[] => [0.5, 1.5, limit < 20_000 || isFullRun ? 6 : 2];
  const matrix = [1, 2, 5, 20].flatMap((replicas) =>
    [3, 100, 4000, 20_000].flatMap((limit) => loadsOf(limit).map((load) => ({ replicas, limit, load }))),
  );

  it.each(matrix)(
    'together accept at most the limit in every window, and nearly all of it under load: $replicas replicas, limit $limit, load $load',
    async ({ replicas, limit, load }) => {
      const next = seededRandom(replicas * 1000 + limit + load);
      const simulation = new Simulation(replicas, { perHour: 1_000_000_000, burst: limit });
      const stepMs = 5;
      let due = 0;
      for (let t = 0; t < 2200; t += stepMs) {
        due += ((limit * load) / 1000) * stepMs;
        for (; due >= 1; due--) void simulation.ask(Math.floor(next() * replicas));
        // Replies come one step after the calls, or later: a slow network.
        if (next() < 0.8) await simulation.redis.answer();
        simulation.nowMs += stepMs;
      }
      // A verdict is noted when it arrives, up to three steps after it was counted.
      expect(busiestSpan(simulation.accepted, 1000 - 25)).toBeLessThanOrEqual(limit);
      const offered = limit * load * 2.2;
      const attainable = Math.min(offered, limit * Math.floor(2200 / 1025));
      expect(simulation.accepted.length).toBeGreaterThanOrEqual(Math.floor(attainable * 0.95) - 1);
    },
  );

  it('answers most requests without Redis where the limit is large', async () => {
    const simulation = new Simulation(1, { perHour: 1_000_000_000, burst: 1_000_000 });
    for (let i = 0; i < 10_000; i++) {
      const verdict = simulation.ask(0);
      if (verdict instanceof Promise) await simulation.redis.answer();
      simulation.nowMs += 0.1;
    }
    expect(simulation.accepted).toHaveLength(10_000);
    expect(simulation.redis.calls).toBeLessThan(250);
  });

  it('asks Redis for every request where the limit is small', async () => {
    const simulation = new Simulation(1, { perHour: 60_000, burst: 1000 });
    for (let i = 0; i < 50; i++) {
      expect(simulation.ask(0)).toBeInstanceOf(Promise);
      await simulation.redis.answer();
    }
    expect(simulation.redis.calls).toBe(50);
  });

  it('holds at most one part in 2,000 of the limit ahead of use, and gives back what was not used', async () => {
    const limit = 20_000;
    const simulation = new Simulation(1, { perHour: 1_000_000_000, burst: limit });
    for (let i = 0; i < 300; i++) {
      if (simulation.ask(0) instanceof Promise) await simulation.redis.answer();
      expect(simulation.redis.held - simulation.accepted.length).toBeLessThanOrEqual(limit / 2000);
    }
    simulation.nowMs += 100;
    void simulation.ask(0);
    await simulation.redis.answer();
    expect(simulation.redis.held).toBe(simulation.accepted.length);
  });

  it('asks Redis for nothing where what waited finds no room left at this replica', async () => {
    const redis = new SimulatedRedis(() => SERVER_EPOCH_MS);
    let room = 1;
    const key = new LeasedLimit(
      redis,
      PAIR,
      NAMES,
      () => 0,
      ownShare(() => room),
    );
    const limits = limitsOf({ perHour: 1_000_000_000, burst: 10 });
    const [first, second] = [key.decide(limits, 0), key.decide(limits, 0)];
    room = 0;
    await redis.answer();
    expect((await first).granted).toBe(true);
    expect((await second).granted).toBe(false);
    expect(redis.calls).toBe(1);
  });

  it('sends requests that arrive together to Redis together', async () => {
    const simulation = new Simulation(1, { perHour: 1000, burst: 10 });
    for (let i = 0; i < 25; i++) void simulation.ask(0);
    await simulation.redis.answer();
    await simulation.redis.answer();
    expect(simulation.redis.calls).toBe(2);
    expect(simulation.accepted).toHaveLength(10);
  });

  it('does not ask again while a refusal is known to hold', async () => {
    const simulation = new Simulation(1, { perHour: 1000, burst: 1 });
    void simulation.ask(0);
    await simulation.redis.answer();
    void simulation.ask(0);
    await simulation.redis.answer();
    const calls = simulation.redis.calls;
    for (let i = 0; i < 100; i++) expect(simulation.ask(0)).not.toBeInstanceOf(Promise);
    expect(simulation.redis.calls).toBe(calls);
  });

  it('shows standings that the next decision bears out', async () => {
    const simulation = new Simulation(1, { perHour: 1000, burst: 5 });
    for (let left = 4; left >= 0; left--) {
      const verdict = simulation.ask(0);
      await simulation.redis.answer();
      expect((await verdict).standings[1]).toMatchObject({ limit: 5, remaining: left });
    }
    const refused = simulation.ask(0);
    await simulation.redis.answer();
    const { granted, standings } = await refused;
    const burst = standings[1] as Standing;
    expect({ granted, remaining: burst.remaining }).toEqual({ granted: false, remaining: 0 });
    simulation.nowMs += burst.resetMs;
    const again = simulation.ask(0);
    await simulation.redis.answer();
    expect((await again).granted).toBe(true);
  });

  it('follows new limits of a key at once', async () => {
    const simulation = new Simulation(1, { perHour: 1000, burst: 1 });
    const key = simulation.replicas[0] as LeasedLimit;
    for (const burst of [1, 1, 3]) {
      const verdict = key.decide(limitsOf({ perHour: 1000, burst }), 0);
      await simulation.redis.answer();
      await verdict;
    }
    const raised = key.decide(limitsOf({ perHour: 1000, burst: 3 }), 0);
    await simulation.redis.answer();
    expect((await raised).granted).toBe(true);
  });

  it('asks again where only the clock of the server was set forward', async () => {
    const simulation = new Simulation(1, { perHour: 1000, burst: 5 });
    void simulation.ask(0);
    await simulation.redis.answer();
    simulation.jumpMs = 60_000;
    const verdict = simulation.ask(0);
    await simulation.redis.answer();
    await simulation.redis.answer();
    expect((await verdict).granted).toBe(true);
    expect(simulation.redis.calls).toBe(3);
  });

  it('takes an answer that a paused Redis gives too late for a failure, and counts nothing there', async () => {
    const simulation = new Simulation(1, { perHour: 1000, burst: 5 });
    void simulation.ask(0);
    await simulation.redis.answer();
    const { held } = simulation.redis;
    const verdict = simulation.ask(0) as Promise<SharedVerdict>;
    const failure = expect(verdict).rejects.toThrow('too late');
    simulation.nowMs += 300;
    await simulation.redis.answer();
    simulation.nowMs += 300;
    await simulation.redis.answer();
    await failure;
    expect(simulation.redis.held).toBe(held);
  });

  it('counts nothing that its own replica would then refuse', async () => {
    const redis = new SimulatedRedis(() => SERVER_EPOCH_MS);
    let own = 0;
    const key = new LeasedLimit(
      redis,
      PAIR,
      NAMES,
      () => 0,
      ownShare(() => 5 - own),
    );
    const ask = async (): Promise<boolean> => {
      const { granted } = await key.decide(limitsOf({ perHour: 1000, burst: 1000 }), 0);
      if (granted) own++;
      return granted;
    };
    const asked = Array.from({ length: 10 }, ask);
    for (let i = 0; i < 5; i++) await redis.answer();
    expect((await Promise.all(asked)).filter(Boolean)).toHaveLength(5);
    expect(redis.held).toBe(5);
  });

  it('refuses at once where its own replica has no room, and names the limits it was asked with', () => {
    const redis = new SimulatedRedis(() => SERVER_EPOCH_MS);
    const key = new LeasedLimit(
      redis,
      PAIR,
      NAMES,
      () => 0,
      ownShare(() => 0),
    );
    expect(key.decide(limitsOf({ perHour: 1000, burst: 7 }), 0)).toMatchObject({
      granted: false,
      standings: [{ limit: 1000 }, { limit: 7 }],
    });
    expect(redis.calls).toBe(0);
  });
});
