import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { INVALIDATION_CHANNEL } from '../../../contracts/keys/invalidation.js';
import type { RedisLink } from '../../../platform/redis/redis-link.js';
import type { AuthEvents } from '../auth.events.js';
import type { SharedTrust } from '../shared-trust/shared-trust.js';
import {
  parseMessage,
  raiseTombstones,
  redisTime,
  restoreTombstones,
  tombstonesSince,
  type SharedStone,
} from './redis-tombstones.js';
import type { Subject, Tombstones } from './tombstones.js';

/** How long a replica that missed a message may use facts that another replica has invalidated. */
const POLL_INTERVAL_MS = 500;
/**
 * Pages of tombstones that are read in one turn, so that thousands of forged ones do not delay requests; and in all.
 */
const PAGES_A_POLL = 2;
const PAGES_IN_ALL = 200;

interface Pulled {
  readonly found: ReadonlyMap<Subject, number>;
  /** 0 where none was found. */
  readonly latestUs: number;
  /** Where to go on; undefined where nothing was left to read. */
  readonly nextUs: number | undefined;
}

type Source = 'request' | 'message' | 'poll';

/**
 * Sets tombstones, tells the other replicas and learns of theirs: by message at once, and by reading them in Redis
 * twice a second in case a message was lost. What Redis could not store, or has lost, is sent again. Only tombstones
 * that a replica signed are accepted.
 */
export class Invalidator implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined = undefined;
  /** Time of the latest tombstone read in Redis: the next turn begins there. */
  private readUs = 0;
  /** Where a turn goes on that its predecessor left unfinished. */
  private unreadUs: number | undefined = undefined;
  /** Time of the latest one that Redis must have. */
  private heldUs = 0;
  private polling = false;
  /** Messages may have been missed, and Redis may have lost its data. */
  private resyncDue = false;

  constructor(
    private readonly tombstones: Tombstones,
    private readonly lifetimeMs: number,
    private readonly link: RedisLink | null,
    private readonly events: AuthEvents,
    private readonly trust: SharedTrust,
  ) {}

  onApplicationBootstrap(): void {
    const { link } = this;
    if (!link) return;
    const onMessage = (text: string): void => {
      const message = parseMessage(text, this.trust.signer);
      if ('fault' in message) this.trust.refused.refuse('message', message.fault);
      else this.learn(message, 'message');
    };
    link.subscribe(INVALIDATION_CHANNEL, onMessage, () => {
      this.resyncDue = true;
      void this.poll();
    });
    this.timer = setInterval(() => void this.poll(), POLL_INTERVAL_MS);
    this.timer.unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /**
   * Holds on this replica when it returns.
   *
   * @returns whether the other replicas know too; if not, they learn of it once Redis can store it
   */
  async invalidate(subjects: readonly Subject[]): Promise<boolean> {
    const nowMs = this.trust.clock.monotonicMs();
    for (const subject of subjects) {
      this.tombstones.add(subject, nowMs);
      this.events.invalidated('request');
    }
    return this.share(subjects);
  }

  private async share(subjects: readonly Subject[]): Promise<boolean> {
    const { link, trust } = this;
    if (!link || subjects.length === 0) return true;
    const mark = this.tombstones.mark(undefined);
    try {
      const atUs = await link.run('tombstone_set', async (client) => {
        const nowUs = await redisTime(client);
        if (!trust.time.believable(nowUs)) {
          trust.refused.refuse('clock', 'malformed');
          throw new Error('the time of Redis is not believed');
        }
        const stones = subjects.map((subject) => ({ subject, atUs: nowUs }));
        await raiseTombstones(client, stones, this.lifetimeMs, trust.signer);
        return nowUs;
      });
      for (const subject of subjects) this.tombstones.shared(subject, atUs, mark);
      this.heldUs = Math.max(this.heldUs, atUs);
      return true;
    } catch {
      this.events.notShared(subjects);
      return false;
    }
  }

  private learn({ subject, atUs }: SharedStone, source: Source): void {
    if (this.trust.time.inFuture(atUs))
      return this.trust.refused.refuse(source === 'message' ? 'message' : 'tombstone', 'future');
    if (this.trust.time.isOver(atUs, this.lifetimeMs)) return;
    this.heldUs = Math.max(this.heldUs, atUs);
    if (this.tombstones.add(subject, this.trust.clock.monotonicMs(), atUs)) this.events.invalidated(source);
  }

  private async poll(): Promise<void> {
    const { link } = this;
    if (this.polling || !link?.usable) return;
    this.polling = true;
    try {
      await this.share(this.tombstones.unshared());
      if (!this.resyncDue) {
        const { heldUs, unreadUs } = this;
        const { latestUs, nextUs } = await this.pull(link, unreadUs ?? this.readUs, PAGES_A_POLL);
        this.unreadUs = nextUs;
        this.resyncDue = unreadUs === undefined && nextUs === undefined && latestUs < heldUs;
      }
      if (this.resyncDue) await this.resync(link);
    } catch {
      // The link counts it, and the next turn reads the same again.
    } finally {
      this.polling = false;
    }
  }

  /** Reads everything, and puts back what a Redis that lost its data does not have. */
  private async resync(link: RedisLink): Promise<void> {
    this.readUs = this.heldUs = 0;
    this.unreadUs = undefined;
    const { found } = await this.pull(link, 0, PAGES_IN_ALL);
    const missing = [...this.tombstones.entries()].flatMap(([subject, { redisUs }]) =>
      redisUs === undefined ||
      (found.get(subject) ?? 0) >= redisUs ||
      this.trust.time.isOver(redisUs, this.lifetimeMs)
        ? []
        : [{ subject, atUs: redisUs }],
    );
    await link.run('tombstones_restore', (client) =>
      restoreTombstones(client, missing, this.lifetimeMs, this.trust.signer),
    );
    for (const { atUs } of missing) this.heldUs = Math.max(this.heldUs, atUs);
    this.resyncDue = false;
  }

  /** Learns of the tombstones from a time on. */
  private async pull(link: RedisLink, sinceUs: number, pages: number): Promise<Pulled> {
    const all = new Map<Subject, number>();
    let latestUs = 0;
    let nextUs: number | undefined = sinceUs;
    for (let page = 0; page < pages && nextUs !== undefined; page++) {
      const from: number = nextUs;
      const found = await link.run('tombstones_get', (client) =>
        tombstonesSince(client, from, this.trust.signer),
      );
      for (const fault of found.refused) this.trust.refused.refuse('tombstone', fault);
      for (const stone of found.stones) {
        this.learn(stone, 'poll');
        all.set(stone.subject, stone.atUs);
        // Only signed times count: a forged one must not make the next turn skip real ones.
        if (!this.trust.time.inFuture(stone.atUs)) latestUs = Math.max(latestUs, stone.atUs);
      }
      nextUs = found.nextUs;
    }
    this.readUs = Math.max(this.readUs, latestUs);
    return { found: all, latestUs, nextUs };
  }
}
