import { Injectable } from '@nestjs/common';
import { AuditLog } from '../../audit/audit-log.js';
import { AuditWatch } from '../../audit/audit-watch.js';
import { KeyLists } from '../../keys/lists/key-lists.js';
import type { OverviewView } from './overview.page.js';

const CHANGES = '8';

/** The latest entries of the audit log, and whether its chain is complete. */
@Injectable()
export class RecentChanges {
  constructor(
    private readonly log: AuditLog,
    private readonly watch: AuditWatch,
    private readonly lists: KeyLists,
  ) {}

  async read(): Promise<Pick<OverviewView, 'changes' | 'names' | 'chain'>> {
    const { entries: changes } = await this.log.page({ limit: CHANGES });
    const names = await this.lists.names(changes.map(({ key_id }) => key_id));
    return { changes, names, chain: await this.watch.state() };
  }
}
