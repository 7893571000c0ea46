import { jest } from '@jest/globals';
import { Registry } from 'prom-client';
import { LogCapture } from '../../../../test/support/log-capture.js';
import { ManualClock } from '../../../../test/support/manual-clock.js';
import { JsonLogger } from '../../../platform/logging/logger.js';
import type { RedisClient, RedisLink } from '../../../platform/redis/redis-link.js';
import { AuthMetrics } from '../auth.metrics.js';
import { Surroundings } from '../surroundings.js';
import { Invalidator } from './invalidator.js';
import { Tombstones, type Mark } from './tombstones.js';

/** What a Redis does with the commands of tombstones; its clock ticks with each of them. */
class FakeRedis {
  readonly stones = new Map<string, number>();
  usable = true;
  takesWrites = true;
  nowUs = 1000;
  hear: (text: string) => void = () => undefined;
  reconnected: () => void = () => undefined;

  readonly client = {
    eval: async (_script: string, { arguments: [, subject = ''] }: { arguments: string[] }) => {
      if (!this.takesWrites) throw new Error('READONLY');
      this.stones.set(subject, ++this.nowUs);
      return String(this.nowUs);
    },
    zAdd: async (_key: string, members: { value: string; score: number }[]) => {
      for (const { value, score } of members) this.stones.set(value, score);
    },
    pExpire: async () => true,
    zRangeByScoreWithScores: async (_key: string, sinceUs: number) =>
      [...this.stones].map(([value, score]) => ({ value, score })).filter(({ score }) => score >= sinceUs),
  };

  run<T>(_command: string, work: (client: RedisClient) => Promise<T>): Promise<T> {
    return this.usable
      ? work(this.client as unknown as RedisClient)
      : Promise.reject(new Error('not connected'));
  }

  subscribe(_channel: string, hear: (text: string) => void, reconnected: () => void): void {
    Object.assign(this, { hear, reconnected });
  }
}

let redis: FakeRedis;
let stones: Tombstones;
let registry: Registry;
let log: LogCapture;
let invalidator: Invalidator;

function start(link: FakeRedis | null): void {
  stones = new Tombstones(1000, 100);
  registry = new Registry();
  log = new LogCapture();
  const parts = new Surroundings(new ManualClock(), new JsonLogger('info', log));
  const metrics = new AuthMetrics(registry);
  invalidator = new Invalidator(stones, 1000, link as unknown as RedisLink | null, metrics, parts);
  invalidator.onApplicationBootstrap();
}

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
  redis = new FakeRedis();
  start(redis);
});
afterEach(() => {
  invalidator.onApplicationShutdown();
  jest.useRealTimers();
});

const aPoll = (): Promise<void> => jest.advanceTimersByTimeAsync(500);
const allows = (mark: Mark): boolean => stones.allows(mark, 'digest', 'k1');
const count = async (source: string): Promise<number> =>
  Number(
    new RegExp(`auth_invalidations_total\\{source="${source}"\\} (\\d+)`).exec(
      await registry.metrics(),
    )?.[1] ?? 0,
  );

it('an invalidation holds here at once, also without Redis', async () => {
  start(null);
  const before = stones.mark(undefined);
  await invalidator.invalidate('id:k1');
  expect([allows(before), allows(stones.mark(undefined)), await count('request')]).toEqual([false, true, 1]);
});

it('another replica is heard at once, and what is no message of one is not', async () => {
  const before = stones.mark(undefined);
  for (const text of ['', 'null', '{}', '{"subject": 1, "at_us": "1"}', '{"subject": "id:k1"}'])
    redis.hear(text);
  expect(allows(before)).toBe(true);
  redis.hear('{"subject": "id:k1", "at_us": "2000"}');
  redis.hear('{"subject": "id:k1", "at_us": "2000"}');
  expect([allows(before), await count('message')]).toEqual([false, 1]);
});

it('a lost message is made up for by the next poll', async () => {
  const before = stones.mark(undefined);
  redis.stones.set('id:k1', 2000);
  await aPoll();
  await aPoll();
  expect([allows(before), await count('poll')]).toEqual([false, 1]);
  redis.stones.set('id:k2', 2001);
  await aPoll();
  expect(await count('poll')).toBe(2);
});

it('what Redis could not take is sent again until it does', async () => {
  redis.usable = false;
  await invalidator.invalidate('id:k1');
  expect([stones.unshared(), log.of('invalidation_not_shared').length]).toEqual([['id:k1'], 1]);
  await aPoll();
  redis.usable = true;
  await aPoll();
  expect([stones.unshared(), [...redis.stones.keys()]]).toEqual([[], ['id:k1']]);
});

it('nor is it forgotten for an earlier one on the same key that Redis still tells of', async () => {
  await invalidator.invalidate('id:k1');
  redis.takesWrites = false;
  await invalidator.invalidate('id:k1');
  const after = stones.mark(undefined);
  await aPoll();
  expect([stones.unshared(), allows(after)]).toEqual([['id:k1'], true]);
  redis.takesWrites = true;
  await aPoll();
  expect([stones.unshared(), redis.stones.get('id:k1')]).toEqual([[], 1002]);
});

it('nor for an earlier one that was still on its way', async () => {
  const first = invalidator.invalidate('id:k1');
  redis.takesWrites = false;
  await Promise.all([first, invalidator.invalidate('id:k1')]);
  expect(stones.unshared()).toEqual(['id:k1']);
});

it('a Redis that comes back without its memory is given it again', async () => {
  await invalidator.invalidate('id:k1');
  await aPoll();
  redis.stones.clear();
  redis.stones.set('id:k2', 500);
  redis.reconnected();
  await aPoll();
  expect([...redis.stones]).toEqual([
    ['id:k2', 500],
    ['id:k1', 1001],
  ]);
  expect(stones.allows({ order: 0, redisUs: 400, local: false }, 'digest', 'k2')).toBe(false);
});
