import { Injectable } from '@nestjs/common';
import { Database } from '../../storage/database.js';

/** Sessions that were ended before their time, for all replicas: `ended_console_sessions`. Times are RFC 3339 in UTC. */
@Injectable()
export class EndedSessionsRepository {
  constructor(private readonly database: Database) {}

  async has(id: string): Promise<boolean> {
    const row = await this.database.reads
      .selectFrom('ended_console_sessions')
      .select('id')
      .where('id', '=', id)
      .executeTakeFirst();
    return row !== undefined;
  }

  /** Notes a session until it would have ended by itself, and forgets those that would have by now. */
  async add(id: string, endsAt: string, now: string): Promise<void> {
    await this.database.transaction(async (db) => {
      await db.deleteFrom('ended_console_sessions').where('ends_at', '<=', now).execute();
      await db
        .insertInto('ended_console_sessions')
        .values({ id, ends_at: endsAt })
        .onConflict((conflict) => conflict.column('id').doNothing())
        .execute();
    });
  }
}
