import { Module } from '@nestjs/common';
import { AdminFailures } from './admin-failures.js';
import { AdminGuard } from './admin.guard.js';
import { CallerTokens } from './caller-tokens.js';

/** Decides who may call which route. */
@Module({
  providers: [AdminFailures, AdminGuard, CallerTokens],
  exports: [AdminFailures, AdminGuard, CallerTokens],
})
export class AdminAuthModule {}
