import { sql, type Kysely, type Migration } from 'kysely';
import { columnTypes } from '../column-types.js';
import type { Engine } from '../database.js';

/** The audit log: rows that nothing changes or deletes, each hashed over the one before. */
export function auditLog(engine: Engine): Migration {
  const types = columnTypes(engine);
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable('audit_log')
        .addColumn('seq', types.bigint, (c) => c.primaryKey().notNull())
        .addColumn('at', types.time, (c) => c.notNull())
        .addColumn('action', 'text', (c) => c.notNull())
        .addColumn('actor', 'text', (c) => c.notNull())
        .addColumn('key_id', 'text')
        .addColumn('request_id', 'text')
        .addColumn('client_ip', 'text')
        .addColumn('details', 'text', (c) => c.notNull())
        .addColumn('prev_hash', 'text', (c) => c.notNull())
        .addColumn('hash', 'text', (c) => c.notNull())
        .execute();
      await sql`create index audit_log_key on audit_log (key_id, seq)`.execute(db);
      await sql`create index audit_log_at on audit_log (at)`.execute(db);
      await db.schema
        .createTable('audit_head')
        .addColumn('id', 'integer', (c) =>
          c
            .primaryKey()
            .notNull()
            .check(sql`id = 1`),
        )
        .addColumn('seq', types.bigint, (c) => c.notNull())
        .addColumn('hash', 'text', (c) => c.notNull())
        .execute();
      await sql`insert into audit_head (id, seq, hash) values (1, 0, '')`.execute(db);
      for (const statement of GUARDS[engine].up) await sql.raw(statement).execute(db);
    },

    async down(db: Kysely<unknown>): Promise<void> {
      await db.schema.dropTable('audit_log').execute();
      await db.schema.dropTable('audit_head').execute();
      for (const statement of GUARDS[engine].down) await sql.raw(statement).execute(db);
    },
  };
}

/** Triggers that keep the log append-only, also for those who write SQL by hand. */
const GUARDS: Record<Engine, { up: string[]; down: string[] }> = {
  sqlite: {
    up: ['update', 'delete'].map(
      (event) =>
        `create trigger audit_log_no_${event} before ${event} on audit_log
         begin select raise(abort, 'audit_log is append-only'); end`,
    ),
    down: [],
  },
  postgres: {
    up: [
      `create function audit_log_is_append_only() returns trigger language plpgsql as
       $$ begin raise exception 'audit_log is append-only'; end $$`,
      `create trigger audit_log_no_change before update or delete or truncate on audit_log
       for each statement execute function audit_log_is_append_only()`,
    ],
    down: ['drop function audit_log_is_append_only()'],
  },
};
