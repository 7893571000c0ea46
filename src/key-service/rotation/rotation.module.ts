import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { KeysModule } from '../keys/keys.module.js';
import { NoticesModule } from '../notices/notices.module.js';
import { ServicesModule } from '../services/services.module.js';
import { DueKeys } from './due-keys.js';
import { HandOvers } from './hand-overs.js';
import { KeyRotationsRepository } from './key-rotations.repository.js';
import { RotationMaker } from './rotation-maker.js';
import { RotationPlanner } from './rotation-planner.js';
import { RotationPoliciesController } from './policies/rotation-policies.controller.js';
import { RotationPoliciesRepository } from './policies/rotation-policies.repository.js';
import { RotationPoliciesService } from './policies/rotation-policies.service.js';
import { RotationReports } from './rotation-reports.js';
import { RotationStore } from './rotation-store.js';
import { RotationSender } from './rotation.sender.js';
import { RotationSettlement } from './rotation-settlement.js';
import { SecretsManagerDestination } from './destinations/secrets-manager.destination.js';
import { SuccessorDestinations } from './destinations/successor-destinations.js';
import { SuccessorSeal } from './successor-seal.js';
import { WebhookDestination } from './destinations/webhook.destination.js';

/** Automatic rotation of keys, and delivery of their successors. */
@Module({
  imports: [AuditModule, KeysModule, NoticesModule, ServicesModule],
  controllers: [RotationPoliciesController],
  providers: [
    DueKeys,
    HandOvers,
    KeyRotationsRepository,
    RotationMaker,
    RotationPlanner,
    RotationPoliciesRepository,
    RotationPoliciesService,
    RotationSender,
    RotationReports,
    RotationSettlement,
    RotationStore,
    SecretsManagerDestination,
    SuccessorDestinations,
    SuccessorSeal,
    WebhookDestination,
  ],
  exports: [RotationPlanner, RotationPoliciesService],
})
export class RotationModule {}
