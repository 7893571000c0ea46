import { Module } from '@nestjs/common';
import { AdminFailures } from './admin-failures.js';
import { AdminGuard } from './admin.guard.js';
import { CallerTokens } from './caller-tokens.js';

/** Who may call what. */
@Module({
  providers: [AdminFailures, AdminGuard, CallerTokens],
  exports: [AdminFailures, AdminGuard, CallerTokens],
})
export class AdminAuthModule {}
