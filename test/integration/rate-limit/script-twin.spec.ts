import { createClient } from 'redis';
import { SlidingWindow, take, type Refund, type WindowShape } from '../../../src/lib/sliding-window.js';
import { windowScript } from '../../../src/gateway/windows/window-script.js';
import { seededRandom } from '../../support/lib/random.js';
import { isFullRun } from '../../support/run/full-run.js';
import { startRedisServer, type RedisServer } from '../../support/servers/redis-server.js';

/** The production script, except that the test brings the time as the last argument. */
const SCRIPT = windowScript('local micro = tonumber(ARGV[#ARGV]) * 1000').text;
const PAIR: WindowShape[] = [
  { windowMs: 10_000, buckets: 20 },
  { windowMs: 1000, buckets: 10 },
];
const FOUR: WindowShape[] = [...PAIR, { windowMs: 6000, buckets: 60 }, { windowMs: 2000, buckets: 5 }];
const STEPS = isFullRun ? 1500 : 1000;

describe.each([
  ['two windows', PAIR],
  ['four windows', FOUR],
])('the script in Redis and its twin in process, with %s,', (_name, SHAPES) => {
  let server: RedisServer;
  const client = () => createClient({ url: server.url });
  let redis: ReturnType<typeof client>;

  beforeAll(async () => {
    server = await startRedisServer();
    redis = client();
    await redis.connect();
  });
  afterAll(async () => {
    await redis?.disconnect();
    await server?.close();
  });

  async function run(keys: string[], limits: number[], nowMs: number, want: number, refund?: Refund) {
    const windows = SHAPES.flatMap(({ windowMs, buckets }, i) => [
      limits[i] as number,
      windowMs / buckets,
      buckets,
      refund?.buckets[i] ?? 0,
    ]);
    const args = [want, 0, refund?.slots ?? 0, ...windows, nowMs].map(String);
    return (await redis.eval(SCRIPT, { keys, arguments: args })) as number[];
  }

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('give the same numbers at every step of sequence %i', async (seed) => {
    const next = seededRandom(seed);
    const below = (n: number): number => Math.floor(next() * n);
    const twins = SHAPES.map((shape) => new SlidingWindow(shape));
    const keys = SHAPES.map((_, i) => `{${seed}}:${SHAPES.length}:${i}`);
    const someLimits = (): number[] => [50 + below(300), 5 + below(40), 30 + below(200), 8 + below(60)];
    let limits = someLimits().slice(0, SHAPES.length);
    let nowMs = 1_700_000_000_000 + below(1e6);
    let lent: Refund | undefined;
    for (let step = 0; step < STEPS; step++) {
      const luck = next();
      nowMs += luck < 0.01 ? below(30_000) : luck < 0.02 ? -below(15_000) : below(120);
      if (next() < 0.01) limits = someLimits().slice(0, SHAPES.length);
      const want = next() < 0.3 ? 0 : 1 + below(6);
      const refund = next() < 0.2 ? lent : undefined;
      const expected = take(twins, limits, nowMs, want, refund);
      const reply = await run(keys, limits, nowMs, want, refund);
      expect({ step, reply }).toEqual({
        step,
        reply: [
          expected.granted,
          nowMs * 1000,
          ...SHAPES.flatMap((_, i) => [expected.remaining[i], expected.resetMs[i], expected.buckets[i]]),
        ],
      });
      if (expected.granted > 1) lent = { slots: below(expected.granted), buckets: expected.buckets };
      else if (refund) lent = undefined;
    }
  });

  it('keep no name without an end, and no hash that Redis would not pack', async () => {
    const next = seededRandom(99);
    const keys = SHAPES.map((_, i) => `{ttl}:${i}`);
    let nowMs = 1_700_000_000_000;
    for (let step = 0; step < 300; step++) {
      await run(
        keys,
        SHAPES.map(() => 1000),
        nowMs,
        1,
      );
      nowMs += Math.floor(next() * 100);
    }
    for (const [i, key] of keys.entries()) {
      const ttl = await redis.pTTL(key);
      expect(ttl).toBeGreaterThan(0);
      const { windowMs, buckets } = SHAPES[i] as WindowShape;
      expect(ttl).toBeLessThanOrEqual(windowMs + windowMs / buckets);
      expect(await redis.sendCommand(['OBJECT', 'ENCODING', key])).toBe('listpack');
    }
  });

  it('does not count for a caller that has given up', async () => {
    const [seconds] = await redis.sendCommand<string[]>(['TIME']);
    const past = Number(seconds) * 1000 - 5000;
    const args = [1, past, 0, 5, 500, 20, 0].map(String);
    const reply = (await redis.eval(windowScript().text, { keys: ['{late}'], arguments: args })) as number[];
    expect(reply[0]).toBe(-1);
    expect(await redis.exists('{late}')).toBe(0);
  });

  it('works in the hour shape with counts of a thousand million', async () => {
    const args = [1_000_000_000, 0, 0, 1_000_000_000, 30_000, 120, 0].map(String);
    const reply = (await redis.eval(windowScript().text, { keys: ['{big}'], arguments: args })) as number[];
    expect(reply.slice(0, 1)).toEqual([1_000_000_000]);
    expect(reply[2]).toBe(0);
    expect(reply[3]).toBeGreaterThan(3_590_000);
    expect(reply[3]).toBeLessThanOrEqual(3_630_000);
  });
});
