import { Module } from '@nestjs/common';
import { ApiKeyGuard } from './api-key.guard.js';

/** Who a request is from. */
@Module({ providers: [ApiKeyGuard], exports: [ApiKeyGuard] })
export class AuthModule {}
