import { Module } from '@nestjs/common';
import { RateLimitModule } from '../rate-limit/rate-limit.module.js';
import { WhoamiController } from './whoami.controller.js';

/** Tells the holder of a key what the key may do. */
@Module({ imports: [RateLimitModule], controllers: [WhoamiController] })
export class ExplainModule {}
