import { Injectable } from '@nestjs/common';
import type { AuditEntryResource } from '../../../contracts/admin/audit.js';
import type { KeyResource } from '../../../contracts/keys/key-management.js';
import { AuditLog } from '../../audit/audit-log.js';
import { KeyLineage } from '../../keys/key-lineage.js';
import { toResource } from '../../keys/key-resource.js';
import { KeysService } from '../../keys/keys.service.js';
import { KeyUsageReader, type KeyRange, type KeyUsage } from './key-usage.reader.js';
import { KeyUses, type LastUse } from './key-uses.js';

const CHANGES = '10';

/** Everything that the page of a key shows. Times are RFC 3339 in UTC. */
export interface KeyView extends KeyUsage {
  readonly key: KeyResource;
  /** All that took each other's place by rotation, oldest first. */
  readonly lineage: readonly KeyResource[];
  /** By key id. */
  readonly uses: ReadonlyMap<string, LastUse>;
  readonly range: KeyRange;
  /** The latest entries of the audit log about it. */
  readonly changes: readonly AuditEntryResource[];
  readonly now: string;
}

/** Collects what the page of a key shows. */
@Injectable()
export class KeyViews {
  constructor(
    private readonly keys: KeysService,
    private readonly lineages: KeyLineage,
    private readonly uses: KeyUses,
    private readonly usage: KeyUsageReader,
    private readonly audit: AuditLog,
  ) {}

  /** @throws ProblemError 404 */
  async of(id: string, range: KeyRange): Promise<KeyView> {
    const now = this.keys.now();
    const lineage = (await this.lineages.of(id)).map((record) => toResource(record, now));
    const key = lineage.find(({ key_id }) => key_id === id) as KeyResource;
    const [uses, usage, { entries }] = await Promise.all([
      this.uses.of(lineage),
      this.usage.of(id, range, now),
      this.audit.page({ key_id: id, limit: CHANGES }),
    ]);
    return { key, lineage, uses, range, ...usage, changes: entries, now };
  }
}
