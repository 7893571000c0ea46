import { Module } from '@nestjs/common';
import { AuditVerifier } from './audit-verifier.js';
import { AuditWriter } from './audit-writer.js';
import { AuditController } from './audit.controller.js';
import { AuditRepository } from './audit.repository.js';
import { ChainedAuditWriter } from './chained-audit-writer.js';

/** The audit log. */
@Module({
  controllers: [AuditController],
  providers: [AuditRepository, AuditVerifier, { provide: AuditWriter, useClass: ChainedAuditWriter }],
  exports: [AuditWriter],
})
export class AuditModule {}
