import { Injectable } from '@nestjs/common';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AuditVerification } from '../../contracts/admin/audit.js';
import { Database } from '../storage/database.js';
import { GENESIS_HASH, linkHash } from './audit-chain.js';
import { AuditRepository } from './audit.repository.js';

const PAGE = 500;

/** Walks the hash chain from its first link to the head that was there at the start. */
@Injectable()
export class AuditVerifier {
  private underWay: Promise<AuditVerification> | undefined;

  constructor(
    private readonly database: Database,
    private readonly log: AuditRepository,
  ) {}

  /** Only one walk runs at a time: callers that come meanwhile get its result. */
  verify(): Promise<AuditVerification> {
    this.underWay ??= this.walk().finally(() => (this.underWay = undefined));
    return this.underWay;
  }

  private async walk(): Promise<AuditVerification> {
    const head = await this.log.head(this.database.db);
    let seq = 0;
    let hash = GENESIS_HASH;
    const verdict = (broken: number | null): AuditVerification => ({
      valid: broken === null,
      entries: seq,
      broken_at_seq: broken,
      head_hash: head.hash,
    });
    while (seq < head.seq) {
      const rows = await this.log.after(this.database.db, seq, head.seq, PAGE);
      if (rows.length === 0) return verdict(seq + 1);
      for (const { hash: stored, ...link } of rows) {
        if (link.seq !== seq + 1 || link.prev_hash !== hash || linkHash(link) !== stored)
          return verdict(seq + 1);
        seq = link.seq;
        hash = stored;
      }
      // SQLite reads on this thread, so requests are served between pages.
      await nextTurn();
    }
    return verdict(hash === head.hash ? null : seq);
  }
}
