import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { atMost } from '../../lib/at-most.js';
import { Clock } from '../../platform/clock.js';
import { SERVICE_ID } from '../request-fields/shared-bounds.js';
import { ServicesRepository } from '../services/services.repository.js';
import { Database } from '../storage/database.js';

/** Callers may ask for any names; those asked for last are kept. */
const MAX_SERVICES = 100;

/** A service that is not registered, and that keys were asked for. */
export interface UnregisteredService {
  /** Null: no id that a service could have. */
  serviceId: string | null;
  validations: number;
  /** RFC 3339. */
  lastAt: string;
  /** Id of the key that was shown last. */
  lastKeyId: string;
}

/** Knows of validations for services that are not registered, since this replica started. */
@Injectable()
export class UnregisteredServices {
  /** RFC 3339. */
  readonly since: string;
  private readonly asked = new LRUCache<string, UnregisteredService>(atMost(MAX_SERVICES));

  constructor(
    private readonly services: ServicesRepository,
    private readonly database: Database,
    private readonly clock: Clock,
  ) {
    this.since = this.now();
  }

  /**
   * Whether a service is not registered; then it is kept for administrators.
   *
   * @param lastKeyId of the key that the service was to be looked for in
   */
  async includes(serviceId: string, lastKeyId: string): Promise<boolean> {
    const known = SERVICE_ID.test(serviceId) ? serviceId : null;
    if (known !== null && (await this.services.find(this.database.reads, known))) return false;
    const validations = (this.asked.get(known ?? '')?.validations ?? 0) + 1;
    this.asked.set(known ?? '', { serviceId: known, validations, lastAt: this.now(), lastKeyId });
    return true;
  }

  /** Last asked for first. */
  list(): UnregisteredService[] {
    return [...this.asked.values()];
  }

  private now(): string {
    return new Date(this.clock.now()).toISOString();
  }
}
