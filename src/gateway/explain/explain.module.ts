import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { RateLimitModule } from '../rate-limit/rate-limit.module.js';
import { KeyLimitsController } from './key-limits.controller.js';
import { WhoamiController } from './whoami.controller.js';

/** Tells the holder of a key what the key may do, and administrators what it has left. */
@Module({ imports: [AuthModule, RateLimitModule], controllers: [KeyLimitsController, WhoamiController] })
export class ExplainModule {}
