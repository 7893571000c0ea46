import { Module } from '@nestjs/common';
import { AuditLog } from './audit-log.js';
import { AuditVerifier } from './audit-verifier.js';
import { AuditWatch } from './audit-watch.js';
import { AuditWriter } from './audit-writer.js';
import { AuditController } from './audit.controller.js';
import { AuditRepository } from './audit.repository.js';
import { ChainedAuditWriter } from './chained-audit-writer.js';

/** The audit log. */
@Module({
  controllers: [AuditController],
  providers: [
    AuditLog,
    AuditRepository,
    AuditVerifier,
    AuditWatch,
    { provide: AuditWriter, useClass: ChainedAuditWriter },
  ],
  exports: [AuditLog, AuditWatch, AuditWriter],
})
export class AuditModule {}
