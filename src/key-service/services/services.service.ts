import { Injectable } from '@nestjs/common';
import { MAX_SERVICES, type ServiceResource } from '../../contracts/admin/services.js';
import { ProblemError } from '../../lib/http/problem-error.js';
import { Clock } from '../../platform/clock.js';
import { AuditWriter, type Actor } from '../audit/audit-writer.js';
import { Database } from '../storage/database.js';
import { ServicesRepository } from './services.repository.js';

/** Registers services, and removes those that no key is for. */
@Injectable()
export class ServicesService {
  constructor(
    private readonly database: Database,
    private readonly services: ServicesRepository,
    private readonly audit: AuditWriter,
    private readonly clock: Clock,
  ) {}

  async list(): Promise<ServiceResource[]> {
    const services = await this.services.list(this.now());
    return services.map(({ id, keys, activeKeys, ...service }) => ({
      service_id: id,
      ...service,
      keys,
      active_keys: activeKeys,
    }));
  }

  /** @throws ProblemError 409 for one that is registered, and where there are `MAX_SERVICES` */
  async register(actor: Actor, id: string, description: string | null): Promise<ServiceResource> {
    const now = this.now();
    const service = { id, description, created_at: now, created_by: actor.name };
    await this.database.transaction(async (db) => {
      if ((await this.services.count(db)) >= MAX_SERVICES)
        throw conflict(`There are ${MAX_SERVICES} services already. Remove one that no key is for.`);
      if (!(await this.services.add(db, service))) throw conflict('The service is registered already.');
      const details = { service_id: id, ...(description !== null && { description }) };
      await this.audit.append(db, actor, now, [{ action: 'service.registered', keyId: null, details }]);
    });
    const { id: service_id, ...shown } = service;
    return { service_id, ...shown, keys: 0, active_keys: 0 };
  }

  /** @throws ProblemError 404; 409 while keys for it are active */
  async remove(actor: Actor, id: string): Promise<void> {
    const now = this.now();
    await this.database.transaction(async (db) => {
      if (!(await this.services.remove(db, id)))
        throw new ProblemError('resource-not-found', {
          message: 'No such service. GET /api/v1/services lists them.',
        });
      const active = await this.services.activeKeys(db, id, now);
      if (active > 0)
        throw conflict(
          `Keys that are active are for the service: ${active}. Revoke them, or change their services, first.`,
        );
      await this.audit.append(db, actor, now, [
        { action: 'service.removed', keyId: null, details: { service_id: id } },
      ]);
    });
  }

  private now(): string {
    return new Date(this.clock.now()).toISOString();
  }
}

function conflict(message: string): ProblemError {
  return new ProblemError('conflict', { message, reason: 'service-conflict' });
}
