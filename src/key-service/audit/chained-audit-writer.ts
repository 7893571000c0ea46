import { Injectable } from '@nestjs/common';
import type { Db } from '../storage/database.schema.js';
import { linkHash } from './audit-chain.js';
import { AuditWriter, type Actor, type AuditEntry } from './audit-writer.js';

/** Rows of one insert statement, so that its parameters stay within what both engines take. */
const ROWS_PER_INSERT = 100;

/** The audit log as a hash chain. The head row is locked first, so writers of all replicas queue up behind it. */
@Injectable()
export class ChainedAuditWriter extends AuditWriter {
  override async append(db: Db, actor: Actor, at: string, entries: readonly AuditEntry[]): Promise<void> {
    if (entries.length === 0) return;
    const head = await db
      .updateTable('audit_head')
      .set((eb) => ({ seq: eb('seq', '+', entries.length) }))
      .where('id', '=', 1)
      .returning(['seq', 'hash'])
      .executeTakeFirstOrThrow();
    let seq = head.seq - entries.length;
    let hash = head.hash;
    const rows = entries.map((entry) => {
      const link = {
        seq: ++seq,
        at,
        action: entry.action,
        actor: actor.name,
        key_id: entry.keyId,
        request_id: actor.requestId,
        client_ip: actor.clientIp,
        details: JSON.stringify(entry.details),
        prev_hash: hash,
      };
      hash = linkHash(link);
      return { ...link, hash };
    });
    for (let start = 0; start < rows.length; start += ROWS_PER_INSERT)
      await db
        .insertInto('audit_log')
        .values(rows.slice(start, start + ROWS_PER_INSERT))
        .execute();
    await db.updateTable('audit_head').set({ hash }).where('id', '=', 1).execute();
  }
}
