import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { HashingModule } from '../hashing/hashing.module.js';
import { InvalidationModule } from '../invalidation/invalidation.module.js';
import { ServicesModule } from '../services/services.module.js';
import { KeyChanges } from './key-changes.js';
import { KeyIssuer } from './key-issuer.js';
import { KeyLineage } from './key-lineage.js';
import { KeyListRepository } from './lists/key-list.repository.js';
import { KeyLists } from './lists/key-lists.js';
import { KeyRevocations } from './ends/key-revocations.js';
import { KeysController } from './keys.controller.js';
import { KeysRepository } from './keys.repository.js';
import { ExpirySweeper } from './ends/expiry-sweeper.js';
import { KeysService } from './keys.service.js';
import { LastUsedRecorder } from './last-used/last-used.recorder.js';
import { LastUsedRepository } from './last-used/last-used.repository.js';
import { RotationService } from './rotation.service.js';

/** Management of keys. */
@Module({
  imports: [AuditModule, HashingModule, InvalidationModule, ServicesModule],
  controllers: [KeysController],
  providers: [
    ExpirySweeper,
    KeyChanges,
    KeyIssuer,
    KeyLineage,
    KeyListRepository,
    KeyLists,
    KeyRevocations,
    KeysRepository,
    KeysService,
    LastUsedRecorder,
    LastUsedRepository,
    RotationService,
  ],
  exports: [
    KeyChanges,
    KeyIssuer,
    KeyLineage,
    KeyLists,
    KeyRevocations,
    KeysRepository,
    KeysService,
    LastUsedRecorder,
    RotationService,
  ],
})
export class KeysModule {}
