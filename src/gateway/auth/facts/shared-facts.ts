import { createCache, type Cache } from 'cache-manager';
import type { Clock } from '../../../platform/clock.js';
import type { RedisClient, RedisLink } from '../../../platform/redis/redis-link.js';
import { lookUpTombstone, tombstoneOf } from '../invalidation/redis-tombstones.js';
import { subjectOfDigest, subjectOfId } from '../invalidation/tombstones.js';
import type { SharedTrust } from '../shared-trust/shared-trust.js';
import type { KeyEntry } from './key-entry.js';
import { fromStored, MAX_STORED_BYTES, toStored } from './stored-entry.js';

export interface SharedFinding {
  readonly entry: KeyEntry | undefined;
  /** Time of the Redis server at the look-up, microseconds; undefined where it did not answer. */
  readonly redisUs: number | undefined;
}

const NOTHING: SharedFinding = { entry: undefined, redisUs: undefined };

/**
 * The Redis tier: facts that other replicas fetched and signed. Refusals are not shared: they are short-lived and
 * would let random keys fill Redis. Without Redis, and while it is unavailable, nothing is found and nothing is kept;
 * every command has the link's deadline.
 */
export class SharedFacts {
  private cache: Cache | undefined;

  /** @param lifetimeMs how long facts may be used at most */
  constructor(
    private readonly link: RedisLink | null,
    private readonly lifetimeMs: number,
    private readonly clock: Clock,
    private readonly trust: SharedTrust,
  ) {}

  /** Loads the store, where there is a Redis: without one, nobody pays for it. */
  async open(): Promise<this> {
    if (!this.link) return this;
    const { redisInsStore } = await import('cache-manager-redis-yet');
    this.cache = createCache(redisInsStore(this.boundedClient(this.link)));
    return this;
  }

  /**
   * The latest facts under any of the names, unless a tombstone voids them.
   *
   * @param names of what is asked for, all of one key
   */
  async find(digest: string, names: readonly string[]): Promise<SharedFinding> {
    const { cache, link } = this;
    if (!cache || !link?.usable) return NOTHING;
    try {
      return await link.run('key_facts_get', async (client) => {
        // Awaited together: if the connection breaks all of them fail, and no rejection may stay unhandled.
        const [{ nowUs, tombstone }, ...values] = await Promise.all([
          lookUpTombstone(client, subjectOfDigest(digest), this.trust.signer),
          ...names.map((name) => cache.get(name).catch((error: unknown) => this.unreadable(error))),
        ]);
        if (!this.trust.time.believable(nowUs)) {
          this.trust.refused.refuse('clock', 'malformed');
          return NOTHING;
        }
        const entry = this.latest(names, values, nowUs);
        if (!entry) return { entry, redisUs: nowUs };
        const { keyId } = entry.facts;
        const onId = keyId === null ? 0 : await tombstoneOf(client, subjectOfId(keyId), this.trust.signer);
        return { entry: this.isLater(entry, [tombstone, onId]) ? entry : undefined, redisUs: nowUs };
      });
    } catch {
      return NOTHING;
    }
  }

  async save(name: string, entry: KeyEntry): Promise<void> {
    if (!this.link) return;
    const stored = toStored(entry, name, this.trust.signer);
    if (stored) await this.quietly('key_facts_set', (cache) => cache.set(name, stored, this.lifetimeMs));
  }

  async delete(names: readonly string[]): Promise<void> {
    await this.quietly('key_facts_delete', (cache) => Promise.all(names.map((name) => cache.del(name))));
  }

  private latest(
    names: readonly string[],
    values: readonly unknown[],
    redisNowUs: number,
  ): KeyEntry | undefined {
    let latest: KeyEntry | undefined;
    const context = { redisNowUs, nowMs: this.clock.monotonicMs(), lifetimeMs: this.lifetimeMs };
    for (const [i, name] of names.entries()) {
      if (values[i] === undefined) continue;
      const reading = fromStored(values[i], this.trust.signer, { name, ...context });
      if ('fault' in reading) this.trust.refused.refuse('facts', reading.fault);
      else if (reading.entry.startedAtMs >= (latest?.startedAtMs ?? -Infinity)) latest = reading.entry;
    }
    return latest;
  }

  /**
   * An unsigned tombstone may come from a replica of an earlier version, which did not sign. The facts are not used
   * then.
   */
  private isLater(entry: KeyEntry, stones: readonly (number | 'unproven')[]): boolean {
    return stones.every((stone) => {
      if (stone !== 'unproven') return (entry.mark.redisUs ?? 0) > stone;
      this.trust.refused.refuse('tombstone', 'signature');
      return false;
    });
  }

  /** The link counts the failure. The only cost is one more call by another replica. */
  private async quietly(command: string, work: (cache: Cache) => Promise<unknown>): Promise<void> {
    const { cache, link } = this;
    if (!cache || !link?.usable) return;
    await link.run(command, () => work(cache)).catch(() => undefined);
  }

  /** Invalid JSON counts as a miss; a Redis failure is thrown. */
  private unreadable(error: unknown): undefined {
    if (!(error instanceof SyntaxError)) throw error;
    this.trust.refused.refuse('facts', 'malformed');
    return undefined;
  }

  /** The commands of the store, so that a value of any size costs no more than one that could be an entry. */
  private boundedClient(link: RedisLink): RedisClient {
    const commands = {
      get: async (name: string): Promise<string | null> => {
        const text = await link.client.getRange(name, 0, MAX_STORED_BYTES);
        if (Buffer.byteLength(text) <= MAX_STORED_BYTES) return text === '' ? null : text;
        this.trust.refused.refuse('facts', 'size');
        return null;
      },
      set: (name: string, text: string, options: object) => link.client.set(name, text, options),
      del: (name: string) => link.client.del(name),
    };
    return commands as unknown as RedisClient;
  }
}
