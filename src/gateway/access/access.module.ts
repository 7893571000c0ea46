import { Module } from '@nestjs/common';
import { AccessGuard } from './access.guard.js';
import { AccessMetrics } from './access.metrics.js';
import { ScopeGate } from './scopes/scope-gate.js';

/** What the owner of a valid key may do. */
@Module({ providers: [AccessGuard, AccessMetrics, ScopeGate], exports: [AccessGuard, ScopeGate] })
export class AccessModule {}
