import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { Database } from '../../storage/database.js';

/** Keys of one statement: small, so that a write never holds others up for long. */
const KEYS_PER_STATEMENT = 200;

/** Writes times of last use, each in one direction only: replicas may write in any order. */
@Injectable()
export class LastUsedRepository {
  constructor(private readonly database: Database) {}

  /** @param uses Unix time in milliseconds by key id */
  async write(uses: ReadonlyMap<string, number>): Promise<void> {
    // In the same order on all replicas, so that there is no deadlock.
    const sorted = [...uses].sort(([a], [b]) => (a < b ? -1 : 1));
    for (let start = 0; start < sorted.length; start += KEYS_PER_STATEMENT) {
      const rows = sorted.slice(start, start + KEYS_PER_STATEMENT);
      await this.writeSome(rows.map(([id, atMs]) => ({ id, at: new Date(atMs).toISOString() })));
    }
  }

  private async writeSome(rows: readonly { id: string; at: string }[]): Promise<void> {
    if (this.database.engine === 'postgres') {
      const values = sql.join(rows.map(({ id, at }) => sql`(${id}::uuid, ${at}::timestamptz)`));
      // The rows are locked in order before any is changed, because an update alone would use its own order. The
      // weaker lock is enough, and does not conflict with usage records, which refer to the same keys in another
      // order.
      await sql`
        with used (id, at) as (values ${values}),
        locked as (
          select api_keys.id, used.at from api_keys join used on used.id = api_keys.id
          where last_used_at is null or last_used_at < used.at
          order by api_keys.id for no key update of api_keys
        )
        update api_keys set last_used_at = locked.at from locked where api_keys.id = locked.id
      `.execute(this.database.db);
      return;
    }
    const values = sql.join(rows.map(({ id, at }) => sql`(${id}, ${at})`));
    await sql`
      with used (id, at) as (values ${values})
      update api_keys set last_used_at = used.at from used
      where api_keys.id = used.id and (last_used_at is null or last_used_at < used.at)
    `.execute(this.database.db);
  }
}
