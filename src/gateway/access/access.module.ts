import { Module } from '@nestjs/common';
import { AccessGuard } from './access.guard.js';

/** What the owner of a valid key may do. */
@Module({ providers: [AccessGuard], exports: [AccessGuard] })
export class AccessModule {}
