import { Module } from '@nestjs/common';
import { AdminAuthModule } from '../admin-auth/admin-auth.module.js';
import { HashingModule } from '../hashing/hashing.module.js';
import { KeysModule } from '../keys/keys.module.js';
import { ServicesModule } from '../services/services.module.js';
import { UnregisteredServicesRepository } from './unregistered-services.repository.js';
import { UnregisteredServices } from './unregistered-services.js';
import { ValidateController } from './validate.controller.js';
import { ValidationGate } from './validation.gate.js';
import { ValidationMetrics } from './validation.metrics.js';
import { ValidationService } from './validation.service.js';

/** Answers whether a key is valid. */
@Module({
  imports: [ServicesModule, AdminAuthModule, HashingModule, KeysModule],
  controllers: [ValidateController],
  providers: [
    UnregisteredServices,
    UnregisteredServicesRepository,
    ValidationGate,
    ValidationMetrics,
    ValidationService,
  ],
  exports: [UnregisteredServices],
})
export class ValidationModule {}
