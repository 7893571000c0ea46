import { createHash } from 'node:crypto';

const REDIS_TIME = `
local time = redis.call('TIME')
local micro = time[1] * 1000000 + time[2]`;

/*
 * KEYS: one hash for each window: `t` number of the oldest bucket that is not empty, `n` total, and a
 * count for each bucket under its number modulo (buckets + 1).
 * ARGV: slots wanted (0 looks); latest time of the server at which the caller still waits, 0 for none;
 * slots given back; then for each window: limit, bucket length in ms, buckets, bucket of the given-back.
 * Returns {granted, time in microseconds}, then for each window: remaining, ms until more, bucket. Granted is -1
 * where the caller has given up by now: a script that a paused Redis runs late must not count.
 */
const BODY = `
local now = math.floor(micro / 1000)
local want, latest, refund = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
if latest > 0 and now > latest then return {-1, micro} end

local function advance(key, first)
  local w = {key = key, limit = tonumber(ARGV[first]), ms = tonumber(ARGV[first + 1]), size = tonumber(ARGV[first + 2])}
  local ring = w.size + 1
  local bucket = math.floor(now / w.ms)
  local state = redis.call('HMGET', key, 't', 'n', bucket % ring)
  -- What the current bucket holds; unset where it has to be read again.
  w.current = tonumber(state[3]) or 0
  w.tail, w.total, w.stored = tonumber(state[1]) or bucket, tonumber(state[2]) or 0, false
  if w.total == 0 then w.tail = bucket end
  if bucket < w.tail - w.size or bucket > w.tail + 2 * w.size then
    redis.call('DEL', key)
    w.tail, w.total, w.current = bucket, 0, 0
  end
  if bucket < w.tail then bucket, w.current = w.tail, nil end
  w.bucket = bucket
  local function held(b) return tonumber(redis.call('HGET', key, b % ring) or 0) end
  local given = tonumber(ARGV[first + 3])
  local back = refund > 0 and given >= w.tail and given <= w.tail + w.size and held(given) >= refund
  if back then
    redis.call('HINCRBY', key, given % ring, -refund)
    w.total, w.stored = w.total - refund, true
  end
  if refund > 0 or w.tail < bucket - w.size then
    w.current = nil
    while w.tail < bucket do
      local count = held(w.tail)
      if w.tail >= bucket - w.size and count > 0 then break end
      redis.call('HDEL', key, w.tail % ring)
      w.total, w.tail, w.stored = w.total - count, w.tail + 1, true
      if w.total == 0 then w.tail = bucket end
    end
  end
  w.held = held
  return w
end

local function more(w)
  if w.total == 0 then return 0 end
  local needed = math.max(1, w.total - w.limit + 1)
  local bucket = w.tail
  if needed > 1 then
    local leaving = 0
    while bucket < w.tail + w.size do
      leaving = leaving + w.held(bucket)
      if leaving >= needed then break end
      bucket = bucket + 1
    end
  end
  return (bucket + w.size + 1) * w.ms - now
end

local windows, granted = {}, want
for i, key in ipairs(KEYS) do
  local w = advance(key, i * 4)
  granted = math.min(granted, w.limit - w.total)
  windows[i] = w
end
granted = math.max(0, granted)

local reply = {granted, micro}
for _, w in ipairs(windows) do
  if granted > 0 then
    local current = w.current or w.held(w.bucket)
    w.total = w.total + granted
    redis.call('HSET', w.key, 't', w.tail, 'n', w.total, w.bucket % (w.size + 1), current + granted)
    -- The first count of a bucket makes the hash live for as long as that bucket counts.
    if current == 0 then redis.call('PEXPIRE', w.key, (w.size + 1) * w.ms) end
  elseif w.stored then
    redis.call('HSET', w.key, 't', w.tail, 'n', w.total)
    redis.call('PEXPIRE', w.key, (w.size + 1) * w.ms)
  end
  reply[#reply + 1] = math.max(0, w.limit - w.total)
  reply[#reply + 1] = more(w)
  reply[#reply + 1] = w.bucket
end
return reply`;

/** A script and the name under which Redis keeps it. */
export interface Script {
  readonly text: string;
  readonly sha: string;
}

/** @param clock Lua that sets `micro`; the server's own time, except where a test brings its own */
export function windowScript(clock = REDIS_TIME): Script {
  const text = clock + BODY;
  return { text, sha: createHash('sha1').update(text).digest('hex') };
}
