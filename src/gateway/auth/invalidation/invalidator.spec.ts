import { jest } from '@jest/globals';
import { Registry } from 'prom-client';
import { LogCapture } from '../../../../test/support/lib/log-capture.js';
import { ManualClock } from '../../../../test/support/lib/manual-clock.js';
import { JsonLogger } from '../../../platform/logging/logger.js';
import type { RedisClient, RedisLink } from '../../../platform/redis/redis-link.js';
import { AuthMetrics } from '../auth.metrics.js';
import { SharedTrust } from '../shared-trust/shared-trust.js';
import { Signer } from '../shared-trust/signer.js';
import { AuthEvents } from '../auth.events.js';
import { Invalidator } from './invalidator.js';
import { SINCE_SCRIPT, STORE_SCRIPT, TIME_SCRIPT } from './tombstone-scripts.js';
import { Tombstones, type Mark } from './tombstones.js';

const SECRETS = ['a-secret-of-all-replicas'];
const START_MS = Date.UTC(2026, 0, 1);
/** Microseconds after the start, by the clock of Redis. */
const at = (us: number): number => START_MS * 1000 + us;

/** What a Redis does with the scripts of tombstones; its clock ticks with each question for the time. */
class FakeRedis {
  readonly stones = new Map<string, { atUs: number; value: string }>();
  usable = true;
  takesWrites = true;
  nowUs = at(1000);
  hear: (text: string) => void = () => undefined;
  reconnected: () => void = () => undefined;

  readonly client = {
    eval: async (script: string, { arguments: args }: { arguments: string[] }): Promise<unknown> => {
      if (script === SINCE_SCRIPT) return this.since(Number(args[0]));
      if (!this.takesWrites) throw new Error('READONLY');
      if (script === TIME_SCRIPT) return String(++this.nowUs);
      if (script !== STORE_SCRIPT) throw new Error('unknown script');
      for (let i = 3; i < args.length; i += 3)
        this.set(args[i] as string, Number(args[i + 1]), args[i + 2] as string);
      return [];
    },
  };

  set(subject: string, atUs: number, signature: string): void {
    this.stones.set(subject, { atUs, value: `${atUs}.${signature}` });
  }

  /** As another replica would. */
  raise(subject: string, atUs: number): void {
    this.set(subject, atUs, new Signer(SECRETS).sign('tombstone', subject, atUs));
  }

  run<T>(_command: string, work: (client: RedisClient) => Promise<T>): Promise<T> {
    return this.usable
      ? work(this.client as unknown as RedisClient)
      : Promise.reject(new Error('not connected'));
  }

  subscribe(_channel: string, hear: (text: string) => void, reconnected: () => void): void {
    Object.assign(this, { hear, reconnected });
  }

  private since(sinceUs: number): unknown[] {
    const found = [...this.stones].filter(([, { atUs }]) => atUs >= sinceUs);
    return [found.length, '0', ...found.flatMap(([subject, { value }]) => [subject, value])];
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
  const clock = new ManualClock(START_MS);
  const logger = new JsonLogger('info', log);
  const metrics = new AuthMetrics(registry);
  const trust = new SharedTrust({ cacheHmacSecrets: SECRETS }, clock, metrics, logger);
  invalidator = new Invalidator(
    stones,
    1000,
    link as unknown as RedisLink | null,
    new AuthEvents(metrics, logger),
    trust,
  );
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
const valueOf = async (name: string): Promise<number> =>
  Number(
    (await registry.metrics())
      .split('\n')
      .find((line) => line.startsWith(`${name} `))
      ?.split(' ')[1] ?? 0,
  );
const count = (source: string): Promise<number> => valueOf(`auth_invalidations_total{source="${source}"}`);
const refused = (kind: string, fault: string): Promise<number> =>
  valueOf(`auth_shared_values_refused_total{kind="${kind}",fault="${fault}"}`);
const message = (subject: string, atUs: number, secrets = SECRETS): string =>
  JSON.stringify({
    subject,
    at_us: String(atUs),
    signature: new Signer(secrets).sign('tombstone', subject, atUs),
  });

it('an invalidation holds here at once, also without Redis, where there is nobody to tell', async () => {
  start(null);
  const before = stones.mark(undefined);
  expect(await invalidator.invalidate(['id:k1'])).toBe(true);
  expect([allows(before), allows(stones.mark(undefined)), await count('request')]).toEqual([false, true, 1]);
});

it('several keys are invalidated by one message', async () => {
  expect(await invalidator.invalidate(['id:k1', 'id:k2'])).toBe(true);
  expect([...redis.stones.keys()]).toEqual(['id:k1', 'id:k2']);
});

it('another replica is heard at once', async () => {
  const before = stones.mark(undefined);
  redis.hear(message('id:k1', at(2000)));
  redis.hear(message('id:k1', at(2000)));
  expect([allows(before), await count('message')]).toEqual([false, 1]);
});

it.each<[string, string, string]>([
  ['nothing', '', 'malformed'],
  ['null', 'null', 'malformed'],
  ['no subject', '{}', 'malformed'],
  ['a subject that is no text', '{"subject": 1, "at_us": "1"}', 'malformed'],
  ['no time', '{"subject": "id:k1"}', 'malformed'],
  ['no signature', `{"subject": "id:k1", "at_us": "${at(2000)}"}`, 'unsigned'],
  ['the signature of another secret', message('id:k1', at(2000), ['another-secret']), 'signature'],
  ['the signature of another key', message('id:k2', at(2000)).replace('id:k2', 'id:k1'), 'signature'],
  ['a time far ahead', message('id:k1', at(301_000_000)), 'future'],
  ['far too much', message(`id:${'k'.repeat(5000)}`, at(2000)), 'size'],
])('a message with %s is none, and is counted', async (_what, text, fault) => {
  const before = stones.mark(undefined);
  redis.hear(text);
  expect([allows(before), stones.size, await refused('message', fault)]).toEqual([true, 0, 1]);
});

it('a flood of forged messages is one line in the log', async () => {
  for (let i = 0; i < 1000; i++) redis.hear('forged');
  expect(log.of('shared_value_refused')).toMatchObject([{ kind: 'message', fault: 'malformed', count: 1 }]);
  expect(await refused('message', 'malformed')).toBe(1000);
});

it('a lost message is made up for by the next poll', async () => {
  const before = stones.mark(undefined);
  redis.raise('id:k1', at(2000));
  await aPoll();
  await aPoll();
  expect([allows(before), await count('poll')]).toEqual([false, 1]);
  redis.raise('id:k2', at(2001));
  await aPoll();
  expect(await count('poll')).toBe(2);
});

it('a tombstone that no replica signed is ignored, and hides none that comes after it', async () => {
  const before = stones.mark(undefined);
  redis.set('id:k1', at(9_000_000_000_000), 'x'.repeat(43));
  redis.stones.set('id:k3', { atUs: at(3000), value: '' });
  await aPoll();
  expect([allows(before), stones.size]).toEqual([true, 0]);
  expect([await refused('tombstone', 'signature'), await refused('tombstone', 'unsigned')]).toEqual([1, 1]);
  redis.raise('id:k2', at(2000));
  await aPoll();
  expect(stones.size).toBe(1);
});

it('what Redis could not take is sent again until it does', async () => {
  redis.usable = false;
  expect(await invalidator.invalidate(['id:k1'])).toBe(false);
  expect([stones.unshared(), log.of('invalidation_not_shared').length]).toEqual([['id:k1'], 1]);
  await aPoll();
  redis.usable = true;
  await aPoll();
  expect([stones.unshared(), [...redis.stones.keys()]]).toEqual([[], ['id:k1']]);
});

it('nothing is signed for a Redis whose clock is far from this one', async () => {
  redis.nowUs = at(400_000_000);
  expect(await invalidator.invalidate(['id:k1'])).toBe(false);
  expect([redis.stones.size, await refused('clock', 'malformed')]).toEqual([0, 1]);
});

it('an invalidation that Redis did not store is sent again, although Redis still has an earlier one of the same key', async () => {
  await invalidator.invalidate(['id:k1']);
  redis.takesWrites = false;
  await invalidator.invalidate(['id:k1']);
  const after = stones.mark(undefined);
  await aPoll();
  expect([stones.unshared(), allows(after)]).toEqual([['id:k1'], true]);
  redis.takesWrites = true;
  await aPoll();
  expect([stones.unshared(), redis.stones.get('id:k1')?.atUs]).toEqual([[], at(1002)]);
});

it('an invalidation that Redis did not store is kept, although an earlier one was still under way', async () => {
  const first = invalidator.invalidate(['id:k1']);
  await Promise.resolve();
  redis.takesWrites = false;
  await Promise.all([first, invalidator.invalidate(['id:k1'])]);
  expect(stones.unshared()).toEqual(['id:k1']);
});

it.each(['says that it was away', 'says nothing'])(
  'a Redis that lost its memory and %s is given it again',
  async (how) => {
    await invalidator.invalidate(['id:k1']);
    await aPoll();
    redis.stones.clear();
    redis.raise('id:k2', at(500));
    if (how === 'says that it was away') redis.reconnected();
    await aPoll();
    expect([...redis.stones].map(([subject, { atUs }]) => [subject, atUs])).toEqual([
      ['id:k2', at(500)],
      ['id:k1', at(1001)],
    ]);
    expect(stones.allows({ order: 0, redisUs: at(400), local: false }, 'digest', 'k2')).toBe(false);
  },
);
