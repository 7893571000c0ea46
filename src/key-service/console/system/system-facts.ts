import { Injectable } from '@nestjs/common';
import { Registry } from 'prom-client';
import type { PendingInvalidations } from '../../../contracts/admin/gateway-state.js';
import { buildInfo, type BuildInfo } from '../../../platform/build-info.js';
import { ServerConfig } from '../../../platform/config/server.config.js';
import { UsageRecordsConfig } from '../../config/usage-records.config.js';
import { Outbox } from '../../invalidation/outbox.js';
import { databaseFacts, type DatabaseFacts } from '../../storage/database-facts.js';
import { Database } from '../../storage/database.js';
import { valuesOf } from './metric-values.js';

export interface SystemFacts {
  gateways: PendingInvalidations[];
  database: DatabaseFacts;
  /** What this replica has done with usage since it started, and what waits in it. */
  usage: { waiting: number; limit: number; written: number; dropped: number; unknownKeys: number };
  /** Warnings that the webhook has not taken. */
  noticesPending: number;
  /** Days; 0 keeps usage for good. */
  retentionDays: number;
  build: BuildInfo;
  node: string;
}

/** What there is to be said of the program itself. */
@Injectable()
export class SystemReports {
  constructor(
    private readonly database: Database,
    private readonly outbox: Outbox,
    private readonly registry: Registry,
    private readonly server: ServerConfig,
    private readonly usage: UsageRecordsConfig,
  ) {}

  async read(): Promise<SystemFacts> {
    const records = await valuesOf(this.registry, 'usage_records_total', 'outcome');
    const one = async (name: string): Promise<number> => (await valuesOf(this.registry, name)).get('') ?? 0;
    return {
      gateways: await this.outbox.byGateway(),
      database: await databaseFacts(this.database),
      usage: {
        waiting: await one('usage_queue_size'),
        limit: this.usage.queueLimit,
        written: records.get('written') ?? 0,
        dropped: records.get('dropped') ?? 0,
        unknownKeys: records.get('unknown_key') ?? 0,
      },
      noticesPending: await one('key_notices_pending'),
      retentionDays: this.usage.retentionDays,
      build: buildInfo(this.server),
      node: process.versions.node,
    };
  }
}
