import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { ServicesController } from './services.controller.js';
import { ServicesRepository } from './services.repository.js';
import { ServicesService } from './services.service.js';

/** Services that keys may be for. */
@Module({
  imports: [AuditModule],
  controllers: [ServicesController],
  providers: [ServicesRepository, ServicesService],
  exports: [ServicesRepository, ServicesService],
})
export class ServicesModule {}
