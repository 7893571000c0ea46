import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type { Clock } from '../../platform/clock.js';
import type { Logger } from '../../platform/logging/logger.js';
import type { RedisClient, RedisLink } from '../../platform/redis/redis-link.js';
import type { Signer } from '../auth/shared-trust/signer.js';
import type { SessionClaims } from './session-claims.js';

type Ended = Pick<SessionClaims, 'jti' | 'iat' | 'exp'>;

/** A sorted set: members are `<id> <end> <signature>`, scores are times of the Redis server in milliseconds. */
const ENDED = 'mlflow-gateway:sessions:ended';
/** How long another replica may not know that somebody signed out: well under a second. */
const POLL_INTERVAL_MS = 250;
/** Each poll reads this much again: entries of the same moment, and of a server whose clock was behind. */
const OVERLAP_MS = 5000;

/**
 * How far ahead of Redis's clock a time may be, after Redis has moved to another server. No gateway wrote later ones.
 */
const AHEAD_MS = 300_000;
/** Members of one page, and pages of one turn: forged entries must take no time from requests. */
const PAGE_SIZE = 1000;
const PAGES_A_POLL = 5;
/** Longer than any member of a gateway. */
const MAX_MEMBER_LENGTH = 200;

/** A name that holds something else is taken back: it is ours. */
const OWN = `
local held = redis.call('TYPE', KEYS[1]).ok
if held ~= 'zset' and held ~= 'none' then redis.call('DEL', KEYS[1]) end
local t = redis.call('TIME')
local now = tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000)`;

const ADD = `${OWN}
redis.call('ZADD', KEYS[1], string.format('%.0f', now), ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now - tonumber(ARGV[1])))
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1`;

/** ARGV: a time. Returns {time now, members seen, score of the last, whether the set was there, then those that can be ours}. */
const SINCE = `${OWN}
local ahead = string.format('%.0f', now + ${AHEAD_MS})
local found = redis.call('ZRANGEBYSCORE', KEYS[1], ARGV[1], ahead, 'WITHSCORES', 'LIMIT', 0, ${PAGE_SIZE})
local reply = {string.format('%.0f', now), #found / 2, found[#found] or '0', held == 'zset' and 1 or 0}
for i = 1, #found, 2 do
  if #found[i] <= ${MAX_MEMBER_LENGTH} then reply[#reply + 1] = found[i] end
end
return reply`;

/**
 * Sessions that were signed out: without this, a copy of the cookie would stay valid. Other replicas learn of it
 * through Redis within a quarter of a second; without Redis it holds on this replica alone. A Redis that has lost its
 * data gets them again, for replicas that start later.
 */
export class EndedSessions implements OnApplicationBootstrap, OnApplicationShutdown {
  /** Ends (Unix seconds) by session id, oldest sign-out first. */
  private readonly ended = new Map<string, number>();
  /** Sign-outs that Redis does not have yet. */
  private readonly unshared = new Map<string, number>();
  /**
   * All sessions issued up to this time (Unix seconds) count as ended, because there was no room to remember which of
   * them were.
   */
  private floor = 0;
  private timer: NodeJS.Timeout | undefined;
  /** Where the next turn begins to read, by the clock of Redis and never by what stands there. */
  private sinceMs = 0;
  private polling = false;

  /**
   * @param lifetimeMs longest life of a session
   * @param limit sign-outs that are remembered one by one
   */
  constructor(
    private readonly lifetimeMs: number,
    private readonly limit: number,
    private readonly link: RedisLink | null,
    private readonly signer: Signer,
    private readonly parts: { readonly clock: Clock; readonly logger: Logger },
  ) {}

  /** Sign-outs that are remembered. */
  get size(): number {
    return this.ended.size;
  }

  onApplicationBootstrap(): void {
    if (this.link) this.timer = setInterval(() => void this.poll(), POLL_INTERVAL_MS).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  has({ jti, iat }: Ended): boolean {
    return this.ended.has(jti) || iat <= this.floor;
  }

  /** Holds on this replica when it returns; the others learn of it, at the latest when Redis is back. */
  async end({ jti, exp }: Ended): Promise<void> {
    this.remember(jti, exp);
    if (!this.link) return;
    this.unshared.set(jti, exp);
    // Its own alone: many at once would each send all of theirs.
    await this.share(this.link, jti, exp);
  }

  private remember(jti: string, exp: number): void {
    const nowSeconds = Math.floor(this.parts.clock.now() / 1000);
    if (this.ended.has(jti) || exp <= nowSeconds) return;
    if (this.ended.size >= this.limit) this.forgetExpired(nowSeconds);
    this.ended.set(jti, exp);
  }

  /** Removes sessions that have expired. If none has, no sign-out may be forgotten: everybody signs in again. */
  private forgetExpired(nowSeconds: number): void {
    for (const [jti, exp] of this.ended) if (exp <= nowSeconds) this.ended.delete(jti);
    if (this.ended.size < this.limit) return;
    this.floor = nowSeconds;
    this.ended.clear();
    this.parts.logger.warn('sessions_all_ended', { message: 'too many sign-outs to remember one by one' });
  }

  /** What Redis could not take before. */
  private async shareAll(link: RedisLink): Promise<void> {
    for (const [jti, exp] of this.unshared) if (!(await this.share(link, jti, exp))) return;
  }

  private async share(link: RedisLink, jti: string, exp: number): Promise<boolean> {
    try {
      await link.run('session_end_set', (client) =>
        add(client, this.lifetimeMs, `${jti} ${exp} ${this.signer.sign('session-end', jti, exp)}`),
      );
      this.unshared.delete(jti);
      return true;
    } catch {
      // The link counts it; the next poll tries again.
      return false;
    }
  }

  private async poll(): Promise<void> {
    const { link } = this;
    if (this.polling || !link?.usable) return;
    this.polling = true;
    try {
      await this.shareAll(link);
      for (let page = 0; page < PAGES_A_POLL && (await this.pull(link)); page++);
    } catch {
      // The link counts it.
    } finally {
      this.polling = false;
    }
  }

  /** @returns whether there is more to read at once */
  private async pull(link: RedisLink): Promise<boolean> {
    const { sinceMs } = this;
    const reply = await link.run('session_ends_get', (client) =>
      client.eval(SINCE, { keys: [ENDED], arguments: [String(sinceMs)] }),
    );
    const [nowMs, count, last, isThere, ...members] = reply as [string, number, string, number, ...string[]];
    if (isThere === 0) this.shareAgain();
    for (const member of members) this.learn(member);
    const isFull = count === PAGE_SIZE;
    // A full page with one time only would be read again and again.
    this.sinceMs = isFull ? Math.max(Number(last), sinceMs + 1) : Math.max(0, Number(nowMs) - OVERLAP_MS);
    return isFull;
  }

  private shareAgain(): void {
    const nowSeconds = Math.floor(this.parts.clock.now() / 1000);
    for (const [jti, exp] of this.ended) if (exp > nowSeconds) this.unshared.set(jti, exp);
  }

  private learn(member: string): void {
    const [jti = '', end, signature] = member.split(' ');
    const exp = Number(end);
    // An entry that no gateway wrote must not sign anybody out.
    if (this.signer.verifies(signature, 'session-end', jti, exp)) this.remember(jti, exp);
  }
}

function add(client: RedisClient, lifetimeMs: number, member: string): Promise<unknown> {
  return client.eval(ADD, { keys: [ENDED], arguments: [String(lifetimeMs), member] });
}
