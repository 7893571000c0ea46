import { createCache, type Cache } from 'cache-manager';
import { redisInsStore } from 'cache-manager-redis-yet';
import type { Clock } from '../../../platform/clock.js';
import type { RedisLink } from '../../../platform/redis/redis-link.js';
import { lookUpTombstone, tombstoneOf } from '../invalidation/redis-tombstones.js';
import { subjectOfDigest, subjectOfId } from '../invalidation/tombstones.js';
import type { KeyEntry } from './key-entry.js';
import { fromStored, toStored } from './stored-entry.js';

export interface SharedFinding {
  readonly entry: KeyEntry | undefined;
  /** Time of the Redis server at the look-up, microseconds; undefined where it did not answer. */
  readonly redisUs: number | undefined;
}

const NOTHING: SharedFinding = { entry: undefined, redisUs: undefined };

/**
 * The Redis tier: facts that other replicas fetched. Refusals are not shared: they are short-lived and would
 * let random keys fill Redis. Without Redis, and while it is away, nothing is found and nothing is kept;
 * every command has the link's deadline.
 */
export class SharedFacts {
  private readonly cache: Cache | undefined;

  /** @param lifetimeMs how long facts may be of use at all */
  constructor(
    private readonly link: RedisLink | null,
    private readonly lifetimeMs: number,
    private readonly clock: Clock,
  ) {
    if (link) this.cache = createCache(redisInsStore(link.client));
  }

  /**
   * The latest facts under any of the names, unless a tombstone stands on them.
   *
   * @param names of what is asked for, all of one key
   */
  async find(digest: string, names: readonly string[]): Promise<SharedFinding> {
    const { cache, link } = this;
    if (!cache || !link?.usable) return NOTHING;
    try {
      return await link.run('key_facts_get', async (client) => {
        // Awaited together: where the connection breaks all of them fail, and none may do so unheard.
        const [{ nowUs, tombstoneUs = 0 }, ...stored] = await Promise.all([
          lookUpTombstone(client, subjectOfDigest(digest), this.lifetimeMs),
          ...names.map((name) => cache.get(name).catch(unreadable)),
        ]);
        const entry = this.latest(stored, nowUs);
        if (!entry) return { entry, redisUs: nowUs };
        const { keyId } = entry.facts;
        const onIdUs = keyId === null ? 0 : ((await tombstoneOf(client, subjectOfId(keyId))) ?? 0);
        const usable = (entry.mark.redisUs ?? 0) > Math.max(tombstoneUs, onIdUs);
        return { entry: usable ? entry : undefined, redisUs: nowUs };
      });
    } catch {
      return NOTHING;
    }
  }

  async save(name: string, entry: KeyEntry): Promise<void> {
    const stored = toStored(entry);
    if (stored) await this.quietly('key_facts_set', (cache) => cache.set(name, stored, this.lifetimeMs));
  }

  async delete(names: readonly string[]): Promise<void> {
    await this.quietly('key_facts_delete', (cache) => Promise.all(names.map((name) => cache.del(name))));
  }

  private latest(values: readonly unknown[], nowUs: number): KeyEntry | undefined {
    let latest: KeyEntry | undefined;
    for (const value of values) {
      const entry = fromStored(value, nowUs, this.clock.monotonicMs());
      if (entry && entry.startedAtMs >= (latest?.startedAtMs ?? -Infinity)) latest = entry;
    }
    return latest;
  }

  /** The link counts what fails; a replica that could not write costs others one call. */
  private async quietly(command: string, work: (cache: Cache) => Promise<unknown>): Promise<void> {
    const { cache, link } = this;
    if (!cache || !link?.usable) return;
    await link.run(command, () => work(cache)).catch(() => undefined);
  }
}

/** What is no JSON is no entry; a Redis that is away is another matter. */
function unreadable(error: unknown): undefined {
  if (error instanceof SyntaxError) return undefined;
  throw error;
}
