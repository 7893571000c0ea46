import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isUuid } from '../../../lib/uuid.js';
import { Database } from '../../storage/database.js';
import { UsageSumsRepository } from '../sums/usage-sums.repository.js';
import { UsedResourcesRepository } from '../grant-suggestion/used-resources.repository.js';
import type { RecordedUse } from './used-rows.js';

/** Rows of one transaction: few enough that SQLite, which writes on this thread, lets validations pass between. */
const ROWS_PER_INSERT = 100;
const ROWS_PER_DELETE = 500;

/** Writes to `api_key_usage`. */
@Injectable()
export class UsageRepository {
  constructor(
    private readonly database: Database,
    private readonly sums: UsageSumsRepository,
    private readonly resources: UsedResourcesRepository,
  ) {}

  /** Those of some key ids that are keys here. */
  async known(keyIds: Iterable<string>): Promise<Set<string>> {
    const possible = [...new Set(keyIds)].filter(isUuid).map((id) => id.toLowerCase());
    if (possible.length === 0) return new Set();
    const rows = await this.database.reads
      .selectFrom('api_keys')
      .select('id')
      .where('id', 'in', possible)
      .execute();
    return new Set(rows.map(({ id }) => id));
  }

  /** Adds records, to the sums too; one whose id is there already is left as it is. */
  async insert(records: readonly RecordedUse[]): Promise<void> {
    for (let start = 0; start < records.length; start += ROWS_PER_INSERT) {
      const some = records.slice(start, start + ROWS_PER_INSERT);
      await this.database.transaction(async (db) => {
        const added = await db
          .insertInto('api_key_usage')
          .values(some.map(({ row }) => ({ ...row, summed: true })))
          .onConflict((conflict) => conflict.column('id').doNothing())
          .returningAll()
          .execute();
        await this.sums.add(db, added);
        // After the sums, whose rows keep other transactions from the same keys and days.
        const ids = new Set(added.map(({ id }) => id));
        await this.resources.add(
          db,
          some.filter(({ row }) => ids.has(row.id)),
        );
      });
      await nextTurn();
    }
  }

  /** Removes rows and sums from before a day; returns how many rows. @param day RFC 3339 in UTC, its first instant */
  async removeBefore(day: string): Promise<number> {
    const removed = await this.removeRows(day);
    await this.sums.removeBefore(day);
    await this.resources.removeBefore(day);
    return removed;
  }

  private async removeRows(time: string): Promise<number> {
    for (let removed = 0; ;) {
      const { numDeletedRows } = await this.database.db
        .deleteFrom('api_key_usage')
        .where('id', 'in', (eb) =>
          eb
            .selectFrom('api_key_usage')
            .select('id')
            .where(sql<boolean>`timestamp < ${time}`)
            .limit(ROWS_PER_DELETE),
        )
        .executeTakeFirst();
      removed += Number(numDeletedRows);
      if (Number(numDeletedRows) < ROWS_PER_DELETE) return removed;
      await nextTurn();
    }
  }
}
