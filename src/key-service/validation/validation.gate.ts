import { Injectable } from '@nestjs/common';
import { AddressList } from '../../lib/network/address-list.js';
import { clientNetwork } from '../../lib/network/client-network.js';
import { ProblemError } from '../../lib/http/problem-error.js';
import { Clock } from '../../platform/clock.js';
import { CallerTokens } from '../admin-auth/caller-tokens.js';
import { FailureLimiter } from '../admin-auth/failure-limiter.js';
import { ValidationConfig } from '../config/validation.config.js';
import { ValidationMetrics } from './validation.metrics.js';

/** Who asks about a key. */
export interface ValidationCaller {
  address: string;
  /** It proved itself with a token of `SERVICE_TOKENS`. */
  isService: boolean;
  /** Its failures are not limited, because it sends the keys of many clients. */
  trusted: boolean;
}

/** Limits how many wrong keys an address may try. */
@Injectable()
export class ValidationGate {
  private readonly failures: FailureLimiter;
  private readonly trusted: AddressList;

  constructor(
    config: ValidationConfig,
    clock: Clock,
    private readonly tokens: CallerTokens,
    private readonly metrics: ValidationMetrics,
  ) {
    this.failures = new FailureLimiter(config.failedAuthPerMinute, clock);
    this.trusted = new AddressList(config.trustedValidators);
  }

  callerOf(address: string, bearer: string | undefined): ValidationCaller {
    const isService = bearer !== undefined && this.tokens.isService(bearer);
    return { address, isService, trusted: isService || this.trusted.contains(address) };
  }

  /** @throws ProblemError 429 where the caller has had too many keys refused */
  admit(caller: ValidationCaller): void {
    if (caller.trusted) return;
    const wait = this.failures.retryAfterSeconds(caller.address);
    if (wait === undefined) return;
    this.metrics.count('limited');
    throw new ProblemError('too-many-failed-attempts', { retryAfterSeconds: wait });
  }

  /** Whose share of slow comparisons a question counts against. A trusted caller may say who uses the key. */
  shareOf(caller: ValidationCaller, clientIp: string): string {
    return clientNetwork(caller.trusted ? clientIp : caller.address);
  }

  failed(caller: ValidationCaller): void {
    if (!caller.trusted) this.failures.failed(caller.address);
  }
}
