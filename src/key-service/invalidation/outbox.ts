import { Injectable } from '@nestjs/common';
import type { PendingInvalidations } from '../../contracts/admin/gateway-state.js';
import { Clock } from '../../platform/clock.js';
import { InvalidationConfig } from '../config/invalidation.config.js';
import { Database } from '../storage/database.js';
import type { Db } from '../storage/database.schema.js';
import {
  OutboxRepository,
  type KeyInvalidation,
  type OutboxLane,
  type OutboxMessage,
} from './outbox.repository.js';

/**
 * Time beyond the longest send after which another replica may take the messages of a replica that has not delivered
 * them.
 */
const LEASE_MARGIN_MS = 15_000;

/** Messages to gateways, written in the transaction of the change itself, so that none is lost. */
@Injectable()
export class Outbox {
  private readonly listeners: (() => void)[] = [];

  constructor(
    private readonly config: InvalidationConfig,
    private readonly database: Database,
    private readonly repository: OutboxRepository,
    private readonly clock: Clock,
  ) {}

  /** Adds a message for each key and gateway. Call `added` once the transaction is committed. */
  async add(db: Db, changes: readonly KeyInvalidation[], now: string): Promise<void> {
    await this.repository.add(db, changes, this.config.urls, now);
  }

  added(): void {
    for (const listener of this.listeners) listener();
  }

  onAdded(listener: () => void): void {
    this.listeners.push(listener);
  }

  claim(lane: OutboxLane, limit: number): Promise<OutboxMessage[]> {
    const leaseMs = this.config.timeoutMs + LEASE_MARGIN_MS;
    const times = { now: this.timeIn(0), leaseUntil: this.timeIn(leaseMs) };
    return this.repository.claim(this.database.db, lane, times, limit);
  }

  remove(messages: readonly OutboxMessage[]): Promise<void> {
    return this.repository.remove(this.database.db, idsOf(messages));
  }

  putOff(messages: readonly OutboxMessage[], pauseMs: number): Promise<void> {
    return this.repository.putOff(this.database.db, idsOf(messages), this.timeIn(pauseMs));
  }

  /** Messages not yet delivered. */
  pending(): Promise<number> {
    return this.repository.count(this.database.db);
  }

  /** What waits, an entry for each gateway that is configured. */
  async byGateway(): Promise<PendingInvalidations[]> {
    const waiting = await this.repository.waiting(this.database.reads);
    return this.config.urls.map((url) => {
      const found = waiting.find((one) => one.url === url);
      return {
        gateway: new URL(url).host,
        pending: found?.pending ?? 0,
        revocations: found?.revocations ?? 0,
        oldest_at: found?.oldestAt ?? null,
        attempts: found?.attempts ?? 0,
      };
    });
  }

  /** Forgets gateways that are no longer configured. */
  forgetOthers(): Promise<number> {
    return this.repository.removeOthers(this.database.db, this.config.urls);
  }

  private timeIn(ms: number): string {
    return new Date(this.clock.now() + ms).toISOString();
  }
}

function idsOf(messages: readonly OutboxMessage[]): number[] {
  return messages.map(({ id }) => id);
}
