import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { AuthModule } from '../auth/auth.module.js';
import { RateLimitModule } from '../rate-limit/rate-limit.module.js';
import { ExplainKeyController } from './explain-key.controller.js';
import { ExplainController } from './explain.controller.js';
import { Explainer } from './explainer.js';
import { KeyLimitsController } from './key-limits.controller.js';
import { LimitReport } from './limit-report.js';
import { WhoamiController } from './whoami.controller.js';

/** Tells the holder of a key what the key may do, and why; and administrators what it has left. */
@Module({
  imports: [AccessModule, AuthModule, RateLimitModule],
  controllers: [ExplainController, ExplainKeyController, KeyLimitsController, WhoamiController],
  providers: [Explainer, LimitReport],
})
export class ExplainModule {}
