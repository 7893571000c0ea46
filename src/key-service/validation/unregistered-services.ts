import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { atMost } from '../../lib/at-most.js';
import { DAY_MS } from '../../lib/durations.js';
import { Clock } from '../../platform/clock.js';
import { errorFields, Logger } from '../../platform/logging/logger.js';
import { SERVICE_ID } from '../request-fields/shared-bounds.js';
import { ServicesRepository } from '../services/services.repository.js';
import { Database } from '../storage/database.js';
import type { UnregisteredServicesTable } from '../storage/database.schema.js';
import { MAX_UNREGISTERED, UnregisteredServicesRepository } from './unregistered-services.repository.js';

const FLUSH_EVERY_MS = 10_000;
/** A service without a validation for this time is dropped. */
export const UNREGISTERED_KEPT_DAYS = 90;
/** Used for every string that cannot be the id of a service. */
const NO_ID = '';

/** A service that is not registered, and that keys were asked for. Times are RFC 3339 in UTC. */
export interface UnregisteredService {
  /** Null: no id that a service could have. */
  serviceId: string | null;
  validations: number;
  firstAt: string;
  lastAt: string;
  /** Id of the key that was shown last. */
  lastKeyId: string;
}

/** Counts validations for services that are not registered, and adds them up in storage, apart from validation. */
@Injectable()
export class UnregisteredServices implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly waiting = new LRUCache<string, UnregisteredServicesTable>(atMost(MAX_UNREGISTERED));
  private flushing: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly services: ServicesRepository,
    private readonly repository: UnregisteredServicesRepository,
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.flush(), FLUSH_EVERY_MS).unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.flush();
  }

  /**
   * Whether a service is not registered; if so, it is recorded for administrators.
   *
   * @param lastKeyId of the key that the service was to be looked for in
   */
  async includes(serviceId: string, lastKeyId: string): Promise<boolean> {
    const known = SERVICE_ID.test(serviceId) ? serviceId : NO_ID;
    if (known !== NO_ID && (await this.services.find(this.database.reads, known))) return false;
    const at = new Date(this.clock.now()).toISOString();
    this.keep({ service_id: known, validations: 1, first_at: at, last_at: at, last_key_id: lastKeyId });
    return true;
  }

  /** What all replicas have written, last asked for first; of other replicas the last ten seconds may be missing. */
  async list(): Promise<UnregisteredService[]> {
    await this.flush();
    const rows = await this.repository.list();
    return rows.map(({ service_id, validations, first_at, last_at, last_key_id }) => ({
      serviceId: service_id === NO_ID ? null : service_id,
      validations,
      firstAt: first_at,
      lastAt: last_at,
      lastKeyId: last_key_id,
    }));
  }

  /** Writes what waits. What cannot be written now waits for the next time. */
  private flush(): Promise<void> {
    this.flushing = this.flushing.then(async () => {
      const batch = [...this.waiting.values()];
      if (batch.length === 0) return;
      this.waiting.clear();
      try {
        const before = new Date(this.clock.now() - UNREGISTERED_KEPT_DAYS * DAY_MS).toISOString();
        await this.repository.add(batch, before);
      } catch (error) {
        this.logger.warn('unregistered_services_not_written', {
          services: batch.length,
          ...errorFields(error),
        });
        for (const one of batch.toReversed()) this.keep(one);
      }
    });
    return this.flushing;
  }

  /** Together with what waits already. */
  private keep(one: UnregisteredServicesTable): void {
    const { service_id } = one;
    const before = this.waiting.get(service_id);
    if (!before) return void this.waiting.set(service_id, one);
    const [earlier, later] = one.last_at < before.last_at ? [one, before] : [before, one];
    const validations = earlier.validations + later.validations;
    this.waiting.set(service_id, { ...later, validations, first_at: earlier.first_at });
  }
}
