import { INVALIDATION_CHANNEL } from '../../../contracts/keys/invalidation.js';
import { MAX_CLOCK_SKEW_MS } from '../shared-trust/redis-time.js';

/** A sorted set: members are subjects, scores are times of the Redis server in microseconds. It is an index alone. */
export const INDEX = 'key:tombstones';
/** A hash: fields are subjects, values are `<time>.<signature>`. On the index's node of a cluster. */
export const STONES = `{${INDEX}}:signed`;
/**
 * A member of the index that remembers the latest time given out: after a failover the new server's clock may be
 * behind. Nobody signs it, so it counts only within the skew that is allowed anyway.
 */
const CLOCK = 'clock';

/** Longest subject that a gateway writes: a key id of 1,024 characters and what stands before it. */
export const MAX_SUBJECT_LENGTH = 1100;
/** Tombstones that one call reads at most. */
export const PAGE_SIZE = 1000;

/*
 * Neither name expires, so that a Redis which evicts only what expires never drops a tombstone; what is old goes with
 * the next one that is set. A name that holds something else is taken back: it is ours.
 */
const OWN = `
local function own(key, kind)
  local held = redis.call('TYPE', key).ok
  if held ~= kind and held ~= 'none' then redis.call('DEL', key) end
end
own(KEYS[1], 'zset')
own(KEYS[2], 'hash')
local t = redis.call('TIME')
local time = tonumber(t[1]) * 1000000 + tonumber(t[2])
local ahead = time + ${MAX_CLOCK_SKEW_MS * 1000}
`;

/** Strictly rising, so that two events never have the same time. KEYS: both names; `text` is the time now. */
const TICK = `${OWN}
local now = time
local last = tonumber(redis.call('ZSCORE', KEYS[1], '${CLOCK}') or '0')
if last >= now and last < ahead then now = last + 1 end
local text = string.format('%.0f', now)
redis.call('ZADD', KEYS[1], text, '${CLOCK}')
`;

/** Returns the time now. */
export const TIME_SCRIPT = `${TICK} return text`;

/** ARGV: a subject. Returns {time now, its score in the index, its value}. */
export const LOOK_UP_SCRIPT = `${TICK}
return {text, redis.call('ZSCORE', KEYS[1], ARGV[1]), redis.call('HGET', KEYS[2], ARGV[1])}`;

/*
 * ARGV: lifetime in ms; 1 tells all replicas; 1 replaces whatever is there; then for each tombstone its subject, time and
 * signature. A later one that is there stays, as long as its time can be one. Returns {subject, value} of those.
 */
export const STORE_SCRIPT = `${OWN}
local kept = {}
for i = 4, #ARGV, 3 do
  local subject, at, signature = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local value = redis.call('HGET', KEYS[2], subject) or ''
  local known = tonumber(string.match(value, '^(%d+)[.]') or '0')
  if ARGV[3] ~= '1' and known > tonumber(at) and known < ahead then
    kept[#kept + 1] = subject
    kept[#kept + 1] = value
  else
    redis.call('ZADD', KEYS[1], at, subject)
    redis.call('HSET', KEYS[2], subject, at .. '.' .. signature)
  end
  if ARGV[2] == '1' then
    redis.call('PUBLISH', '${INVALIDATION_CHANNEL}',
      cjson.encode({subject = subject, at_us = at, signature = signature}))
  end
end
local over = string.format('(%.0f', time - tonumber(ARGV[1]) * 1000)
for _, subject in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', over, 'LIMIT', 0, ${PAGE_SIZE})) do
  redis.call('ZREM', KEYS[1], subject)
  redis.call('HDEL', KEYS[2], subject)
end
redis.call('PERSIST', KEYS[1])
return kept`;

/** ARGV: a time. Returns {members seen, score of the last, then subject and value of each that can be one}. */
export const SINCE_SCRIPT = `${OWN}
local found = redis.call('ZRANGEBYSCORE', KEYS[1], ARGV[1], string.format('%.0f', ahead), 'WITHSCORES', 'LIMIT', 0, ${PAGE_SIZE})
local reply = {#found / 2, found[#found] or '0'}
for i = 1, #found, 2 do
  if #found[i] <= ${MAX_SUBJECT_LENGTH} and found[i] ~= '${CLOCK}' then
    reply[#reply + 1] = found[i]
    reply[#reply + 1] = string.sub(redis.call('HGET', KEYS[2], found[i]) or '', 1, 100)
  end
end
return reply`;
