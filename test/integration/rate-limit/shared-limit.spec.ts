import { Clock, SystemClock } from '../../../src/platform/clock.js';
import { isFullRun } from '../../support/run/full-run.js';
import { startRedisServer, type RedisServer } from '../../support/servers/redis-server.js';
import { standingOf } from '../../support/lib/rate-limits.js';
import { load, mostInOneWindow, refusedInVain, Replica, type Timed } from './replicas.js';

const HUGE = 1_000_000_000;
/** The bound is a share of the limit: one in a hundred. */
const LARGE_LIMIT = isFullRun ? 4000 : 2000;

describe('a limit that replicas share through Redis', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedisServer();
  });
  afterAll(() => server?.close());

  const cells = (limits: readonly number[]): Cell[] =>
    [1, 2, 5].flatMap((replicas) =>
      limits.flatMap((limit) => [0.8, 2].map((times) => ({ replicas, limit, times }))),
    );
  const holds = async ({ replicas: count, limit, times }: Cell): Promise<void> => {
    const replicas = await connected(server, count);
    const decisions = await load(replicas, {
      digest: `matrix-${count}-${limit}-${times}`,
      limits: { perHour: HUGE, burst: limit },
      perSecond: limit * times,
      forMs: 1800,
    });
    await Promise.all(replicas.map((replica) => replica.close()));

    expect(mostInOneWindow(decisions, 1000)).toBeLessThanOrEqual(limit * 1.01);
    expect(refusedInVain(decisions, limit, 1025)).toBe(0);
    expect(new Set(decisions.map(({ decision }) => decision.store))).toEqual(new Set(['redis']));
  };

  describe('that is small, on many keys side by side', () => {
    const results = new Map<Cell, Promise<void>>();
    const small = cells([10, 300]);
    beforeAll(async () => {
      for (const cell of small) results.set(cell, holds(cell));
      await Promise.allSettled(results.values());
    });

    it.each(small)(
      'holds in every window: $replicas replicas, $limit a second, load $times times that',
      (cell) => results.get(cell),
    );
  });

  it.each(cells([LARGE_LIMIT]))(
    'holds in every window: $replicas replicas, $limit a second, load $times times that',
    holds,
  );

  it('is the same whatever the clocks of the replicas say', async () => {
    const skewed = [0, -3_600_000, 86_400_000].map(
      (skewMs) => new Replica(server.url, {}, { clock: new SkewedClock(skewMs) }),
    );
    const replicas = await Promise.all(skewed.map((replica) => replica.connect()));
    const limits = { perHour: HUGE, burst: 100 };
    const decisions = await load(replicas, { digest: 'skew', limits, perSecond: 300, forMs: 2200 });
    await Promise.all(replicas.map((replica) => replica.close()));

    expect(mostInOneWindow(decisions, 1000)).toBeLessThanOrEqual(101);
    const resets = decisions.map(({ decision }) => decision.nowMs);
    expect(Math.max(...resets) - Math.min(...resets)).toBeLessThan(3000);
  });

  it('does not count what it refuses', async () => {
    const [replica] = (await connected(server, 1)) as [Replica];
    const limits = { perHour: HUGE, burst: 20 };
    const decisions = await load([replica], { digest: 'refused', limits, perSecond: 2000, forMs: 3300 });
    await replica.close();
    const accepted = decisions.filter(({ decision }) => decision.outcome === 'allowed').length;
    expect(accepted).toBeGreaterThanOrEqual(60);
  });

  it('says what the next decision then is, and when a refused request passes', async () => {
    const replicas = await connected(server, 2);
    const limits = { perHour: 1000, burst: 8 };
    let expected = 8;
    let refused: Timed | undefined;
    for (let i = 0; !refused; i++) {
      const timed = await (replicas[i % 2] as Replica).decide('next', limits);
      if (timed.decision.outcome === 'limited') refused = timed;
      else expect(standingOf(timed.decision, 'burst').remaining).toBe(--expected);
    }
    expect(expected).toBe(0);
    const { decision, givenAtMs } = refused;
    const passes = givenAtMs + standingOf(decision, 'burst').resetMs;
    await until(passes - 30);
    expect((await (replicas[1] as Replica).decide('next', limits)).decision.outcome).toBe('limited');
    await until(passes + 2);
    expect((await (replicas[0] as Replica).decide('next', limits)).decision.outcome).toBe('allowed');
    await Promise.all(replicas.map((replica) => replica.close()));
  });

  it('holds for each of three windows at once, also with leases, and counts no refusal in any', async () => {
    const replicas = await connected(server, 3);
    const pair = { perHour: HUGE, burst: 4000 };
    const [reads, searches] = await Promise.all([
      load(replicas, { digest: 'three', limits: pair, perSecond: 3000, forMs: 1800 }),
      load(replicas, { digest: 'three', limits: { ...pair, searches: 2500 }, perSecond: 2500, forMs: 1800 }),
    ]);
    const accepted = searches.filter(({ decision }) => decision.outcome === 'allowed');
    expect(mostInOneWindow([...reads, ...searches], 1000)).toBeLessThanOrEqual(4000);
    expect(accepted.length).toBeLessThanOrEqual(2500);
    const { decision } = await (replicas[0] as Replica).decide('three', {
      perHour: HUGE,
      burst: HUGE,
      searches: HUGE,
    });
    await Promise.all(replicas.map((replica) => replica.close()));
    // What is counted in Redis is what was accepted, this one, and a lease of each replica at most.
    const counted = HUGE - standingOf(decision, 'searches').remaining;
    expect(counted).toBeGreaterThanOrEqual(accepted.length + 1);
    expect(counted).toBeLessThanOrEqual(accepted.length + 1 + replicas.length);
  });

  it('takes from both windows or from none', async () => {
    const [replica] = (await connected(server, 1)) as [Replica];
    for (let i = 0; i < 3; i++) await replica.decide('both', { perHour: 3, burst: 100 });
    const { decision } = await replica.decide('both', { perHour: 3, burst: 100 });
    await replica.close();
    expect(decision).toMatchObject({ outcome: 'limited', standings: [{ remaining: 0 }, { remaining: 97 }] });
  });
});

/** Replicas, accepted requests a second, and what is offered as a multiple of that. */
interface Cell {
  replicas: number;
  limit: number;
  times: number;
}

class SkewedClock extends Clock {
  private readonly system = new SystemClock();

  constructor(private readonly skewMs: number) {
    super();
  }

  override now(): number {
    return this.system.now() + this.skewMs;
  }

  override monotonicMs(): number {
    return this.system.monotonicMs() + Math.abs(this.skewMs);
  }
}

function connected(server: RedisServer, count: number): Promise<Replica[]> {
  return Promise.all(Array.from({ length: count }, () => new Replica(server.url).connect()));
}

/** Waits for a moment that Redis's real clock has to reach. */
async function until(timeMs: number): Promise<void> {
  while (performance.now() < timeMs) await new Promise((resolve) => setTimeout(resolve, 1));
}
