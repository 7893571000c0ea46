import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import type { ApiKeysTable, Db } from '../storage/database.schema.js';
import { fromRow, storedServices, toRow, type KeyRecord, type StoredHash } from '../records/key-record.js';

export type KeyChangeset = Partial<
  Pick<
    KeyRecord,
    | 'name'
    | 'scopes'
    | 'ratePerHour'
    | 'burst'
    | 'searchesPerMinute'
    | 'writesPerMinute'
    | 'allowedIps'
    | 'grants'
    | 'userId'
    | 'description'
    | 'expiresAt'
    | 'serviceId'
    | 'serviceIds'
  >
>;

/** Management of `api_keys`. Each method runs on the connection or transaction that it is given. */
@Injectable()
export class KeysRepository {
  /** @returns whether no other has its id */
  async insert(db: Db, record: KeyRecord, stored: StoredHash): Promise<boolean> {
    const { numInsertedOrUpdatedRows } = await db
      .insertInto('api_keys')
      .values(toRow(record, stored))
      .onConflict((conflict) => conflict.column('id').doNothing())
      .executeTakeFirst();
    return Number(numInsertedOrUpdatedRows) === 1;
  }

  async find(db: Db, id: string): Promise<KeyRecord | undefined> {
    const row = await db.selectFrom('api_keys').selectAll().where('id', '=', id).executeTakeFirst();
    return row && fromRow(row);
  }

  /** Those of some ids that are keys, in their order. */
  async existing(db: Db, ids: readonly string[]): Promise<string[]> {
    const rows = await db.selectFrom('api_keys').select('id').where('id', 'in', ids).execute();
    const known = new Set(rows.map(({ id }) => id));
    return ids.filter((id) => known.has(id));
  }

  /** Ids of an owner's keys that are usable now. */
  async usableOf(db: Db, userId: string, now: string): Promise<string[]> {
    const rows = await db
      .selectFrom('api_keys')
      .select('id')
      .where('user_id', '=', userId)
      .where(sql<boolean>`${usableAt(now)}`)
      .execute();
    return rows.map(({ id }) => id);
  }

  /** Changes a key that is usable now; undefined if there is none. */
  async update(db: Db, id: string, changes: KeyChangeset, now: string): Promise<KeyRecord | undefined> {
    const row = await db
      .updateTable('api_keys')
      .set(columnsOf(changes))
      .where('id', '=', id)
      .where(sql<boolean>`${usableAt(now)}`)
      .returningAll()
      .executeTakeFirst();
    return row && fromRow(row);
  }

  /** @returns the key, unless it was revoked before */
  async revoke(
    db: Db,
    id: string,
    { at, by, reason }: { at: string; by: string; reason: string | null },
  ): Promise<KeyRecord | undefined> {
    const row = await db
      .updateTable('api_keys')
      .set({ is_active: false, revoked_at: at, revoked_by: by, revoke_reason: reason })
      .where('id', '=', id)
      .where('revoked_at', 'is', null)
      .returningAll()
      .executeTakeFirst();
    return row && fromRow(row);
  }

  /**
   * Gives a key its successor and an end that is never later than the one it had.
   *
   * @returns the key as it is now, where it was usable and had no successor: of concurrent calls one gets it
   */
  async retire(
    db: Db,
    id: string,
    successorId: string,
    end: string,
    now: string,
  ): Promise<KeyRecord | undefined> {
    const row = await db
      .updateTable('api_keys')
      .set({ rotated_to_id: successorId, expires_at: end })
      .where('id', '=', id)
      .where('rotated_to_id', 'is', null)
      .where(sql<boolean>`${usableAt(now)}`)
      .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>=', end)]))
      .returningAll()
      .executeTakeFirst();
    return row && fromRow(row);
  }

  /** A usable key without a successor, locked until the transaction ends. */
  async hold(db: Db, id: string, now: string): Promise<KeyRecord | undefined> {
    const row = await db
      .updateTable('api_keys')
      .set((eb) => ({ rotated_to_id: eb.ref('rotated_to_id') }))
      .where('id', '=', id)
      .where('rotated_to_id', 'is', null)
      .where(sql<boolean>`${usableAt(now)}`)
      .returningAll()
      .executeTakeFirst();
    return row && fromRow(row);
  }

  /**
   * The undelivered successor of a key. Call it in a transaction that has changed or locked the key before, and only
   * for a key without a delivered successor.
   */
  async pendingSuccessor(db: Db, id: string, now: string): Promise<KeyRecord | undefined> {
    const row = await db
      .selectFrom('api_keys')
      .selectAll()
      .where('rotated_from_id', '=', id)
      .where(sql<boolean>`${usableAt(now)}`)
      .executeTakeFirst();
    return row && fromRow(row);
  }

  /** The key that a line of rotations began with. */
  async firstOfLine(db: Db, id: string): Promise<string> {
    const { rows } = await sql<{ id: string }>`
      with recursive line (id, earlier) as (
        select id, rotated_from_id from api_keys where id = ${id}
        union select api_keys.id, rotated_from_id from api_keys join line on api_keys.id = line.earlier)
      select id from line where earlier is null or earlier not in (select id from api_keys)`.execute(db);
    return rows[0]?.id ?? id;
  }

  /** Switches off at most `limit` keys that have expired, and returns those that this call switched off. */
  async expire(db: Db, now: string, limit: number): Promise<KeyRecord[]> {
    const rows = await db
      .updateTable('api_keys')
      .set({ is_active: false })
      .where('id', 'in', (eb) =>
        eb
          .selectFrom('api_keys')
          .select('id')
          .where(sql<boolean>`is_active and expires_at is not null`)
          .where('expires_at', '<=', now)
          .orderBy('expires_at')
          .limit(limit),
      )
      // The condition is repeated, because another replica may have switched a key off since the rows were chosen.
      .where(sql<boolean>`is_active`)
      .returningAll()
      .execute();
    return rows.map(fromRow);
  }
}

function usableAt(now: string): ReturnType<typeof sql<boolean>> {
  return sql<boolean>`(is_active and (expires_at is null or expires_at > ${now}))`;
}

/** Fields that are not there are not changed. */
function columnsOf(changes: KeyChangeset): Partial<ApiKeysTable> {
  const { name, userId, description, expiresAt, serviceId, serviceIds } = changes;
  const columns: { [Name in keyof ApiKeysTable]?: ApiKeysTable[Name] | undefined } = {
    name,
    description,
    user_id: userId,
    expires_at: expiresAt,
    service_id: serviceId,
    service_ids: serviceId && serviceIds && storedServices({ serviceId, serviceIds }),
    scopes: changes.scopes && JSON.stringify(changes.scopes),
    rate_limit_per_hour: changes.ratePerHour,
    burst: changes.burst,
    searches_per_minute: changes.searchesPerMinute,
    writes_per_minute: changes.writesPerMinute,
    allowed_ips: changes.allowedIps && JSON.stringify(changes.allowedIps),
    grants: changes.grants && JSON.stringify(changes.grants),
  };
  return Object.fromEntries(Object.entries(columns).filter(([, value]) => value !== undefined));
}
