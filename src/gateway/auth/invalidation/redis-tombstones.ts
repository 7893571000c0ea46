import type { RedisClient } from '../../../platform/redis/redis-link.js';
import { INVALIDATION_CHANNEL } from '../../../contracts/invalidation.js';
import type { Subject } from './tombstones.js';

/** A sorted set: members are subjects, scores are times of the Redis server in microseconds. */
const TOMBSTONES = 'key:tombstones';
/** A member that remembers the latest time given out: after a failover the new server's clock may be behind. */
const CLOCK = 'clock';

// Strictly rising, so that two events never have the same time.
const TICK = `
local t = redis.call('TIME')
local now = tonumber(t[1]) * 1000000 + tonumber(t[2])
local last = tonumber(redis.call('ZSCORE', KEYS[1], '${CLOCK}') or '0')
if now <= last then now = last + 1 end
local text = string.format('%.0f', now)
redis.call('ZADD', KEYS[1], text, '${CLOCK}')
redis.call('PEXPIRE', KEYS[1], ARGV[1])
`;
const LOOK_UP = `${TICK} return {text, redis.call('ZSCORE', KEYS[1], ARGV[2])}`;
const RAISE = `${TICK}
redis.call('ZADD', KEYS[1], text, ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('(%.0f', now - tonumber(ARGV[1]) * 1000))
redis.call('PUBLISH', '${INVALIDATION_CHANNEL}', cjson.encode({subject = ARGV[2], at_us = text}))
return text`;

/** Reads the clock and, in the same step, whether a subject has a tombstone. */
export async function lookUpTombstone(
  client: RedisClient,
  subject: Subject,
  lifetimeMs: number,
): Promise<{ nowUs: number; tombstoneUs: number | undefined }> {
  const [now, score] = (await evaluate(client, LOOK_UP, subject, lifetimeMs)) as [string, string | null];
  return { nowUs: Number(now), tombstoneUs: score === null ? undefined : Number(score) };
}

export async function tombstoneOf(client: RedisClient, subject: Subject): Promise<number | undefined> {
  return (await client.zScore(TOMBSTONES, subject)) ?? undefined;
}

/** Sets a tombstone and tells all replicas, in one step. @returns its time, microseconds */
export async function raiseTombstone(
  client: RedisClient,
  subject: Subject,
  lifetimeMs: number,
): Promise<number> {
  return Number(await evaluate(client, RAISE, subject, lifetimeMs));
}

/** Puts one back that Redis may have lost; an earlier time never replaces a later one. */
export async function restoreTombstones(
  client: RedisClient,
  stones: readonly { subject: Subject; atUs: number }[],
  lifetimeMs: number,
): Promise<void> {
  if (stones.length === 0) return;
  const members = stones.map(({ subject, atUs }) => ({ value: subject, score: atUs }));
  await client.zAdd(TOMBSTONES, members, { GT: true });
  await client.pExpire(TOMBSTONES, lifetimeMs);
}

/** Tombstones not older than a time. */
export async function tombstonesSince(
  client: RedisClient,
  sinceUs: number,
): Promise<{ subject: Subject; atUs: number }[]> {
  const found = await client.zRangeByScoreWithScores(TOMBSTONES, sinceUs, '+inf');
  return found
    .filter(({ value }) => value !== CLOCK)
    .map(({ value, score }) => ({ subject: value, atUs: score }));
}

/** Undefined for what is no message of a gateway. */
export function parseMessage(text: string): { subject: Subject; atUs: number } | undefined {
  try {
    const message = JSON.parse(text) as { subject?: unknown; at_us?: unknown } | null;
    const atUs = Number(message?.at_us);
    if (typeof message?.subject !== 'string' || !Number.isSafeInteger(atUs)) return undefined;
    return { subject: message.subject, atUs };
  } catch {
    return undefined;
  }
}

function evaluate(
  client: RedisClient,
  script: string,
  subject: Subject,
  lifetimeMs: number,
): Promise<unknown> {
  return client.eval(script, { keys: [TOMBSTONES], arguments: [String(lifetimeMs), subject] });
}
