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
/** Read again each time: what was written at the same moment, and by a server whose clock was behind. */
const OVERLAP_MS = 5000;

const ADD = `
local t = redis.call('TIME')
local now = tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000)
redis.call('ZADD', KEYS[1], string.format('%.0f', now), ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now - tonumber(ARGV[1])))
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1`;

/**
 * Sessions that were signed out before their time: without this, a copied cookie would live on. Other replicas learn
 * of it through Redis within a quarter of a second; without Redis it holds on this replica alone.
 */
export class EndedSessions implements OnApplicationBootstrap, OnApplicationShutdown {
  /** Ends (Unix seconds) by session id, oldest sign-out first. */
  private readonly ended = new Map<string, number>();
  /** Sign-outs that Redis does not have yet. */
  private readonly unshared = new Map<string, number>();
  /** Sessions issued up to here (Unix seconds) count as ended: there was no room to remember which were. */
  private floor = 0;
  private timer: NodeJS.Timeout | undefined;
  private latestMs = 0;
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
    await this.share(this.link);
  }

  private remember(jti: string, exp: number): void {
    const nowSeconds = Math.floor(this.parts.clock.now() / 1000);
    if (this.ended.has(jti) || exp <= nowSeconds) return;
    if (this.ended.size >= this.limit) this.forgetExpired(nowSeconds);
    this.ended.set(jti, exp);
  }

  /** Where all are alive still, none may be forgotten one by one: everybody signs in again. */
  private forgetExpired(nowSeconds: number): void {
    for (const [jti, exp] of this.ended) if (exp <= nowSeconds) this.ended.delete(jti);
    if (this.ended.size < this.limit) return;
    this.floor = nowSeconds;
    this.ended.clear();
    this.parts.logger.warn('sessions_all_ended', { message: 'too many sign-outs to remember one by one' });
  }

  private async share(link: RedisLink): Promise<void> {
    for (const [jti, exp] of this.unshared) {
      try {
        await link.run('session_end_set', (client) =>
          add(client, this.lifetimeMs, `${jti} ${exp} ${this.signer.sign('session-end', jti, exp)}`),
        );
        this.unshared.delete(jti);
      } catch {
        // The link counts it; the next poll tries again.
        return;
      }
    }
  }

  private async poll(): Promise<void> {
    const { link } = this;
    if (this.polling || !link?.usable) return;
    this.polling = true;
    try {
      await this.share(link);
      const since = Math.max(0, this.latestMs - OVERLAP_MS);
      const found = await link.run('session_ends_get', (client) =>
        client.zRangeByScoreWithScores(ENDED, since, '+inf'),
      );
      for (const { value, score } of found) {
        this.learn(value);
        this.latestMs = Math.max(this.latestMs, score);
      }
    } catch {
      // The link counts it.
    } finally {
      this.polling = false;
    }
  }

  private learn(member: string): void {
    const [jti = '', end, signature] = member.split(' ');
    const exp = Number(end);
    // What another wrote into Redis must not sign anybody out.
    if (this.signer.verifies(signature, 'session-end', jti, exp)) this.remember(jti, exp);
  }
}

function add(client: RedisClient, lifetimeMs: number, member: string): Promise<unknown> {
  return client.eval(ADD, { keys: [ENDED], arguments: [String(lifetimeMs), member] });
}
