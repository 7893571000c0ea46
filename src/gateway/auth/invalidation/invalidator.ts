import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { INVALIDATION_CHANNEL } from '../../../contracts/invalidation.js';
import type { RedisLink } from '../../../platform/redis/redis-link.js';
import type { AuthMetrics } from '../auth.metrics.js';
import type { Surroundings } from '../surroundings.js';
import { parseMessage, raiseTombstone, restoreTombstones, tombstonesSince } from './redis-tombstones.js';
import type { Subject, Tombstones } from './tombstones.js';

/** How long a replica that hears nothing may believe in facts that another knows to be void. */
const POLL_INTERVAL_MS = 500;

type Source = 'request' | 'message' | 'poll';

/**
 * Sets tombstones, tells the other replicas and learns of theirs: by message at once, and by reading them
 * in Redis twice a second, in case a message was lost. What Redis could not take is sent again.
 */
export class Invalidator implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined = undefined;
  private latestUs = 0;
  private polling = false;
  /** Messages may have been missed, and Redis may have lost what it knew. */
  private resyncDue = false;

  constructor(
    private readonly tombstones: Tombstones,
    private readonly lifetimeMs: number,
    private readonly link: RedisLink | null,
    private readonly metrics: AuthMetrics,
    private readonly parts: Surroundings,
  ) {}

  onApplicationBootstrap(): void {
    const { link } = this;
    if (!link) return;
    const onMessage = (text: string): void => {
      const message = parseMessage(text);
      if (message) this.learn(message.subject, message.atUs, 'message');
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

  /** Holds on this replica when it returns; the others hear of it right then, or when Redis is back. */
  async invalidate(subject: Subject): Promise<void> {
    this.tombstones.add(subject, this.parts.clock.monotonicMs());
    this.metrics.invalidations.inc({ source: 'request' });
    await this.share(subject);
  }

  private async share(subject: Subject): Promise<void> {
    const { link } = this;
    if (!link) return;
    const mark = this.tombstones.mark(undefined);
    try {
      const atUs = await link.run('tombstone_set', (client) =>
        raiseTombstone(client, subject, this.lifetimeMs),
      );
      this.tombstones.shared(subject, atUs, mark);
    } catch {
      this.metrics.unshared.inc();
      this.parts.logger.warn('invalidation_not_shared', { subject });
    }
  }

  private learn(subject: Subject, atUs: number, source: Source): void {
    if (this.tombstones.add(subject, this.parts.clock.monotonicMs(), atUs))
      this.metrics.invalidations.inc({ source });
  }

  private async poll(): Promise<void> {
    const { link } = this;
    if (this.polling || !link?.usable) return;
    this.polling = true;
    try {
      for (const subject of this.tombstones.unshared()) await this.share(subject);
      if (this.resyncDue) await this.resync(link);
      else await this.pull(link, this.latestUs);
    } catch {
      // The link counts it, and the next turn reads the same again.
    } finally {
      this.polling = false;
    }
  }

  /** Reads everything, and puts back what a Redis that lost its memory does not know. */
  private async resync(link: RedisLink): Promise<void> {
    const found = await this.pull(link, 0);
    const missing = [...this.tombstones.entries()].flatMap(([subject, { redisUs }]) =>
      redisUs === undefined || (found.get(subject) ?? 0) >= redisUs ? [] : [{ subject, atUs: redisUs }],
    );
    await link.run('tombstones_restore', (client) => restoreTombstones(client, missing, this.lifetimeMs));
    this.resyncDue = false;
  }

  private async pull(link: RedisLink, sinceUs: number): Promise<Map<Subject, number>> {
    const found = await link.run('tombstones_get', (client) => tombstonesSince(client, sinceUs));
    for (const { subject, atUs } of found) {
      this.learn(subject, atUs, 'poll');
      this.latestUs = Math.max(this.latestUs, atUs);
    }
    return new Map(found.map(({ subject, atUs }) => [subject, atUs]));
  }
}
