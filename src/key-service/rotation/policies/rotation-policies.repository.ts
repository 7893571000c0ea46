import { Injectable } from '@nestjs/common';
import { sql, type RawBuilder, type SqlBool } from 'kysely';
import { fromRow, type KeyRecord } from '../../records/key-record.js';
import { Database } from '../../storage/database.js';
import type { ApiKeysTable, Db } from '../../storage/database.schema.js';
import {
  dueAt,
  dueBefore,
  keySubject,
  policyFromRow,
  policyToRow,
  rankOf,
  termsToRow,
  type PolicyTerms,
  type RotationPolicy,
} from './rotation-policy.js';

export interface PolicyCounts {
  /** Usable keys that a policy decides on. */
  active: number;
  /** Of them, those whose rotation is due and not delivered. */
  due: number;
}

/** Most keys that are searched for the next one that is due. */
const OLDEST = 100;

const NOT_MADE = sql`not exists (select 1 from key_rotations as r where r.outcome is null and r.key_id = k.id)`;

/** `rotation_policies`, and the keys that each policy applies to. */
@Injectable()
export class RotationPoliciesRepository {
  constructor(private readonly database: Database) {}

  /** The most specific first. */
  async list(db: Db): Promise<RotationPolicy[]> {
    const rows = await db
      .selectFrom('rotation_policies')
      .selectAll()
      .orderBy('rank', 'desc')
      .orderBy('subject')
      .execute();
    return rows.map(policyFromRow);
  }

  async find(db: Db, id: string): Promise<RotationPolicy | undefined> {
    const row = await db.selectFrom('rotation_policies').selectAll().where('id', '=', id).executeTakeFirst();
    return row && policyFromRow(row);
  }

  /** The policy, which nobody changes until the transaction ends. */
  async hold(db: Db, id: string): Promise<RotationPolicy | undefined> {
    const row = await db
      .updateTable('rotation_policies')
      .set((eb) => ({ rank: eb.ref('rank') }))
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirst();
    return row && policyFromRow(row);
  }

  async count(db: Db): Promise<number> {
    const { count } = await db
      .selectFrom('rotation_policies')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    return Number(count);
  }

  /** @returns whether no other is for the same keys */
  async add(db: Db, policy: RotationPolicy): Promise<boolean> {
    const { numInsertedOrUpdatedRows } = await db
      .insertInto('rotation_policies')
      .values(policyToRow(policy))
      .onConflict((conflict) => conflict.column('subject').doNothing())
      .executeTakeFirst();
    return Number(numInsertedOrUpdatedRows) === 1;
  }

  async update(db: Db, id: string, terms: PolicyTerms): Promise<void> {
    await db.updateTable('rotation_policies').set(termsToRow(terms)).where('id', '=', id).execute();
  }

  /** @returns the policy that was there */
  async remove(db: Db, id: string): Promise<RotationPolicy | undefined> {
    const row = await db
      .deleteFrom('rotation_policies')
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirst();
    return row && policyFromRow(row);
  }

  /** A policy for one key now applies to its successor. */
  async follow(db: Db, keyId: string, successorId: string): Promise<void> {
    await db
      .updateTable('rotation_policies')
      .set({ key_id: successorId, subject: keySubject(successorId) })
      .where('key_id', '=', keyId)
      .where((eb) =>
        eb.not(
          eb.exists(
            eb
              .selectFrom('rotation_policies as other')
              .select('other.id')
              .where('other.subject', '=', keySubject(successorId)),
          ),
        ),
      )
      .execute();
  }

  /** Keys with their own policy that were rotated since, and their successors. */
  async leftBehind(db: Db): Promise<{ keyId: string; successorId: string }[]> {
    const rows = await db
      .selectFrom('rotation_policies')
      .innerJoin('api_keys', 'api_keys.id', 'rotation_policies.key_id')
      .select(['api_keys.id', 'api_keys.rotated_to_id'])
      .where('api_keys.rotated_to_id', 'is not', null)
      .execute();
    return rows.map(({ id, rotated_to_id }) => ({ keyId: id, successorId: rotated_to_id as string }));
  }

  /**
   * Keys that a policy decides on whose successor is due and neither made nor, where `unwarned`, warned of. The oldest
   * first. A key that ends within the overlap by itself is left to end.
   */
  async due(
    policy: RotationPolicy,
    nowMs: number,
    { limit, unwarned }: { limit: number; unwarned: boolean },
  ): Promise<KeyRecord[]> {
    const warned = sql`not exists (select 1 from key_notices as n
      where n.key_id = k.id and n.notice = 'rotation-due' and n.about = k.created_at)`;
    const rows = await this.database.readMany(
      sql<ApiKeysTable>`select k.* from api_keys as k
        where ${governed(policy, nowMs)} and ${isDue(policy, nowMs)} and ${unwarned ? warned : NOT_MADE}
        order by k.created_at, k.id limit ${limit}`.compile(this.database.db),
    );
    return rows.map(fromRow);
  }

  /** When the next rotation is due; undefined if there is none among the oldest keys. */
  async nextDue(policy: RotationPolicy, nowMs: number): Promise<string | undefined> {
    const rows = await this.database.readMany(
      sql<
        Pick<ApiKeysTable, 'created_at' | 'expires_at'>
      >`select k.created_at, k.expires_at from api_keys as k
        where ${governed(policy, nowMs)} and ${NOT_MADE}
        order by k.created_at, k.id limit ${OLDEST}`.compile(this.database.db),
    );
    for (const { created_at: createdAt, expires_at: expiresAt } of rows) {
      const at = dueAt(policy, { createdAt, expiresAt });
      if (at !== undefined) return at;
    }
    return undefined;
  }

  async counts(policy: RotationPolicy, nowMs: number): Promise<PolicyCounts> {
    const [row] = await this.database.readMany(
      sql<{ active: unknown; due: unknown }>`
        select count(*) as active, sum(case when ${isDue(policy, nowMs)} then 1 else 0 end) as due
        from api_keys as k where ${governed(policy, nowMs)}`.compile(this.database.db),
    );
    return { active: Number(row?.active ?? 0), due: Number(row?.due ?? 0) };
  }
}

/**
 * Usable keys without a successor that match the policy and no more specific one. An undelivered successor is left out
 * until it is delivered.
 */
function governed(policy: RotationPolicy, nowMs: number): RawBuilder<SqlBool> {
  const conditions = [
    sql`k.is_active and (k.expires_at is null or k.expires_at > ${isoTime(nowMs)}) and k.rotated_to_id is null`,
    ...(policy.keyId === null ? [] : [sql`k.id = ${policy.keyId}`]),
    ...(policy.serviceId === null ? [] : [sql`k.service_id = ${policy.serviceId}`]),
    ...(policy.environment === null ? [] : [sql`k.environment = ${policy.environment}`]),
    sql`not exists (select 1 from key_rotations as r where r.outcome is null and r.successor_id = k.id)`,
    sql`not exists (select 1 from rotation_policies as p where p.rank > ${rankOf(policy)}
      and (p.key_id is null or p.key_id = k.id)
      and (p.service_id is null or p.service_id = k.service_id)
      and (p.environment is null or p.environment = k.environment))`,
  ];
  return sql<SqlBool>`(${sql.join(conditions, sql` and `)})`;
}

function isDue(policy: RotationPolicy, nowMs: number): RawBuilder<SqlBool> {
  const endsByItself = isoTime(nowMs + policy.overlapSeconds * 1000);
  return sql`(k.created_at <= ${dueBefore(policy, nowMs)} and (k.expires_at is null or k.expires_at > ${endsByItself}))`;
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
