import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { Database } from '../storage/database.js';
import type { UnregisteredServicesTable } from '../storage/database.schema.js';

/** Callers may ask for any names; those asked for last are kept. */
export const MAX_UNREGISTERED = 100;

/** Sums of validations by the service that they were for, where that is not registered. */
@Injectable()
export class UnregisteredServicesRepository {
  constructor(private readonly database: Database) {}

  /** Adds to what is there. @param before RFC 3339; what was last asked for earlier is removed */
  async add(services: readonly UnregisteredServicesTable[], before: string): Promise<void> {
    // In one order on all replicas, so that none waits for another in a circle.
    const rows = [...services].sort((a, b) => (a.service_id < b.service_id ? -1 : 1));
    await this.database.transaction(async (db) => {
      await db
        .insertInto('unregistered_services')
        .values(rows)
        .onConflict((conflict) =>
          conflict.column('service_id').doUpdateSet({
            validations: sql<number>`unregistered_services.validations + excluded.validations`,
            last_at: sql<string>`excluded.last_at`,
            last_key_id: sql<string>`excluded.last_key_id`,
          }),
        )
        .execute();
      await sql`
        delete from unregistered_services where last_at < ${before} or service_id not in (
          select service_id from unregistered_services order by last_at desc, service_id limit ${MAX_UNREGISTERED}
        )`.execute(db);
    });
  }

  /** Last asked for first; without those that were registered since. */
  list(): Promise<UnregisteredServicesTable[]> {
    return this.database.reads
      .selectFrom('unregistered_services')
      .selectAll()
      .where('service_id', 'not in', (eb) => eb.selectFrom('services').select('id'))
      .orderBy('last_at', 'desc')
      .orderBy('service_id')
      .execute();
  }
}
