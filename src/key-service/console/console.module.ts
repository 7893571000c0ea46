import { Module, type OnModuleInit } from '@nestjs/common';
import { ProblemFilter } from '../../platform/request/problem.filter.js';
import { AuditModule } from '../audit/audit.module.js';
import { AdminAuthModule } from '../admin-auth/admin-auth.module.js';
import { InvalidationModule } from '../invalidation/invalidation.module.js';
import { KeysModule } from '../keys/keys.module.js';
import { RotationModule } from '../rotation/rotation.module.js';
import { ServicesModule } from '../services/services.module.js';
import { UsageRecordsModule } from '../usage/usage-records.module.js';
import { ValidationModule } from '../validation/validation.module.js';
import { ConsoleAssetsController } from './frame/assets.controller.js';
import { AttentionFinder } from './overview/attention.js';
import { AuditScreenController } from './audit/audit-screen.controller.js';
import { ConsoleKeysController } from './keys/console-keys.controller.js';
import { RotationScreenController } from './rotation/rotation-screen.controller.js';
import { RotationViews } from './rotation/rotation-views.js';
import { ConsoleServicesController } from './services/console-services.controller.js';
import { ConsoleProblems } from './frame/console-problems.js';
import { ConsoleSessions } from './sign-in/console-sessions.js';
import { ConsoleGuard, OwnPages } from './sign-in/console.guard.js';
import { EndedSessionsRepository } from './sign-in/ended-sessions.repository.js';
import { Incidents } from './overview/incidents.js';
import { KeyCreationController } from './key-forms/key-creation.controller.js';
import { KeyEditController } from './key-forms/key-edit.controller.js';
import { KeyForms } from './key-forms/key-forms.js';
import { ExplainScreenController } from './keys/explain.controller.js';
import { KeyRevocationController } from './keys/key-revocation.controller.js';
import { KeyUses } from './keys/key-uses.js';
import { KeyUsageReader } from './keys/key-usage.reader.js';
import { KeyViews } from './keys/key-views.js';
import { OverlapController } from './keys/overlap.controller.js';
import { KeysCsvController } from './keys/keys-csv.controller.js';
import { LimitReports } from './refusals/limit-reports.js';
import { OverviewScreenController } from './overview/overview-screen.controller.js';
import { RecentChanges } from './overview/recent-changes.js';
import { RefusalsScreenController } from './refusals/refusals-screen.controller.js';
import { ConsoleSignInController } from './sign-in/sign-in.controller.js';
import { SystemReports } from './system/system-facts.js';
import { SystemScreenController } from './system/system-screen.controller.js';
import { UsageScreenController } from './usage/usage-screen.controller.js';

/** Pages for key administrators. */
@Module({
  imports: [
    AdminAuthModule,
    AuditModule,
    InvalidationModule,
    KeysModule,
    RotationModule,
    ServicesModule,
    UsageRecordsModule,
    ValidationModule,
  ],
  // The route `new` comes before the one that reads any word as the id of a key.
  controllers: [
    ConsoleSignInController,
    KeyCreationController,
    KeyEditController,
    KeyRevocationController,
    OverlapController,
    ExplainScreenController,
    ConsoleKeysController,
    KeysCsvController,
    ConsoleServicesController,
    AuditScreenController,
    ConsoleAssetsController,
    OverviewScreenController,
    RefusalsScreenController,
    RotationScreenController,
    SystemScreenController,
    UsageScreenController,
  ],
  providers: [
    AttentionFinder,
    ConsoleGuard,
    ConsoleProblems,
    ConsoleSessions,
    EndedSessionsRepository,
    Incidents,
    KeyForms,
    KeyUsageReader,
    KeyUses,
    KeyViews,
    LimitReports,
    OwnPages,
    RecentChanges,
    RotationViews,
    SystemReports,
  ],
})
export class ConsoleModule implements OnModuleInit {
  constructor(
    private readonly filter: ProblemFilter,
    private readonly problems: ConsoleProblems,
  ) {}

  onModuleInit(): void {
    this.filter.answerFirst((problem, request, response) => this.problems.answer(problem, request, response));
  }
}
