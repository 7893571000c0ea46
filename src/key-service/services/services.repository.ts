import { Injectable } from '@nestjs/common';
import { sql, type RawBuilder } from 'kysely';
import { invalidFields } from '../request-fields/parse-fields.js';
import { Database } from '../storage/database.js';
import type { Db, ServicesTable } from '../storage/database.schema.js';

export interface ServiceWithKeys extends ServicesTable {
  keys: number;
  activeKeys: number;
}

/** The services that keys may be for. */
@Injectable()
export class ServicesRepository {
  constructor(private readonly database: Database) {}

  /** All of them by id, with how many keys each has at a time. */
  async list(now: string): Promise<ServiceWithKeys[]> {
    const rows = await this.database.readMany(
      sql<ServicesTable & { keys: unknown; active: unknown }>`
        select services.*, coalesce(used.keys, 0) as keys, coalesce(used.active, 0) as active
        from services left join (${this.usedAt(now)}) as used on used.service = services.id
        order by services.id`.compile(this.database.db),
    );
    return rows.map(({ keys, active, ...row }) => ({
      ...row,
      keys: Number(keys),
      activeKeys: Number(active),
    }));
  }

  /** @returns whether it was not there before */
  async add(db: Db, service: ServicesTable): Promise<boolean> {
    const { numInsertedOrUpdatedRows } = await db
      .insertInto('services')
      .values(service)
      .onConflict((conflict) => conflict.column('id').doNothing())
      .executeTakeFirst();
    return Number(numInsertedOrUpdatedRows) === 1;
  }

  async find(db: Db, id: string): Promise<ServicesTable | undefined> {
    return db.selectFrom('services').selectAll().where('id', '=', id).executeTakeFirst();
  }

  async count(db: Db): Promise<number> {
    const { count } = await db
      .selectFrom('services')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    return Number(count);
  }

  /** Locks the service, so that no key is made for it meanwhile, and removes it. @returns whether it was there */
  async remove(db: Db, id: string): Promise<boolean> {
    const { numDeletedRows } = await db.deleteFrom('services').where('id', '=', id).executeTakeFirst();
    return numDeletedRows === 1n;
  }

  /** Usable keys for a service at a time, including keys for several services. */
  async activeKeys(db: Db, id: string, now: string): Promise<number> {
    const { rows } = await sql<{ active: unknown }>`
      select active from (${this.usedAt(now)}) as used where service = ${id}`.execute(db);
    return Number(rows[0]?.active ?? 0);
  }

  /**
   * Call it in the transaction that creates a key: the services then stay registered until it ends.
   *
   * @throws ProblemError 400 that names those that are not registered
   */
  async requireRegistered(db: Db, ids: readonly string[], field: string): Promise<void> {
    const query = db.selectFrom('services').select('id').where('id', 'in', ids).orderBy('id');
    const rows = await (this.database.engine === 'postgres' ? query.forShare() : query).execute();
    const known = new Set(rows.map(({ id }) => id));
    const unknown = ids.filter((id) => !known.has(id));
    if (unknown.length > 0)
      throw invalidFields([
        {
          field,
          message: `must be registered services: register ${unknown.join(', ')} with POST /api/v1/services, or take one of GET /api/v1/services`,
        },
      ]);
  }

  /** Keys by service. */
  private usedAt(now: string): RawBuilder<unknown> {
    const usable = sql`is_active and (expires_at is null or expires_at > ${now})`;
    return this.database.engine === 'postgres'
      ? sql`select service, count(*) as keys, sum(case when ${usable} then 1 else 0 end) as active
          from api_keys cross join lateral
            jsonb_array_elements_text(coalesce(service_ids, jsonb_build_array(service_id))) as each_one (service)
          group by service`
      : sql`select each_one.value as service, count(*) as keys, sum(case when ${usable} then 1 else 0 end) as active
          from api_keys, json_each(coalesce(api_keys.service_ids, json_array(api_keys.service_id))) as each_one
          group by each_one.value`;
  }
}
