import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { HashingModule } from '../hashing/hashing.module.js';
import { InvalidationModule } from '../invalidation/invalidation.module.js';
import { KeyChanges } from './key-changes.js';
import { KeyIssuer } from './key-issuer.js';
import { KeysController } from './keys.controller.js';
import { KeysRepository } from './keys.repository.js';
import { ExpirySweeper } from './expiry-sweeper.js';
import { KeysService } from './keys.service.js';
import { LastUsedRecorder } from './last-used.recorder.js';
import { LastUsedRepository } from './last-used.repository.js';
import { RotationService } from './rotation.service.js';

/** Management of keys. */
@Module({
  imports: [AuditModule, HashingModule, InvalidationModule],
  controllers: [KeysController],
  providers: [
    ExpirySweeper,
    KeyChanges,
    KeyIssuer,
    KeysRepository,
    KeysService,
    LastUsedRecorder,
    LastUsedRepository,
    RotationService,
  ],
  exports: [KeyChanges, KeysRepository, KeysService, LastUsedRecorder],
})
export class KeysModule {}
