import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock.js';
import { AdminAuthConfig } from '../config/admin-auth.config.js';
import { FailureLimiter } from './failure-limiter.js';

/** Refused admin and service tokens by address. */
@Injectable()
export class AdminFailures extends FailureLimiter {
  constructor(config: AdminAuthConfig, clock: Clock) {
    super(config.failedAuthPerMinute, clock);
  }
}
