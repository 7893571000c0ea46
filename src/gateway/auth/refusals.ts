import { Injectable } from '@nestjs/common';
import { ProblemError, type ProblemOptions } from '../../lib/problem-error.js';
import type { ErrorName } from '../../contracts/error-codes.js';
import { errorFields, Logger } from '../../platform/logging/logger.js';
import type { RequestContext } from '../../platform/request/request-context.js';
import { FailedAuthLimiter } from './failed-auth/failed-auth-limiter.js';
import { AuthMetrics } from './auth.metrics.js';
import { CHALLENGE, CHALLENGE_INVALID_TOKEN } from './credential/challenges.js';
import type { CredentialFault } from './credential/credential.js';
import type { KeyVerdict } from './facts/key-policy.js';
import { AuthServiceError } from './auth-service/auth-service.error.js';
import { KeyValidator } from './auth-service/key-validator.js';

/** Why a key is no use; the client hears one text for all of them. */
type BadKeyReason = 'refused' | 'mistyped' | Exclude<KeyVerdict, 'allowed' | 'address-not-allowed'>;

/** What authentication tells the client, the log and the metrics. */
@Injectable()
export class Refusals {
  constructor(
    private readonly limiter: FailedAuthLimiter,
    private readonly validator: KeyValidator,
    private readonly metrics: AuthMetrics,
    private readonly logger: Logger,
  ) {}

  badCredential(context: RequestContext, fault: CredentialFault): ProblemError {
    switch (fault) {
      case 'missing':
        return this.refuse(context, 'api-key-required', 'missing', challenge(CHALLENGE));
      case 'malformed':
        return this.refuse(context, 'malformed-credential', fault, challenge(CHALLENGE_INVALID_TOKEN));
      case 'conflicting':
        return this.refuse(context, 'conflicting-credentials', fault);
    }
  }

  badKey(context: RequestContext, reason: BadKeyReason): ProblemError {
    this.limiter.countRefusal(context.clientIp);
    return this.refuse(context, 'invalid-api-key', reason, challenge(CHALLENGE_INVALID_TOKEN));
  }

  addressNotAllowed(context: RequestContext): ProblemError {
    return this.refuse(context, 'address-not-allowed', 'address-not-allowed');
  }

  /** The auth service answered 403. Nothing remembers that, so only the limit keeps the calls few. */
  forbidden(context: RequestContext): ProblemError {
    this.limiter.countRefusal(context.clientIp);
    return this.refuse(context, 'key-forbidden', 'forbidden');
  }

  blocked(context: RequestContext, retryAfterSeconds: number): ProblemError {
    return this.refuse(context, 'too-many-failed-attempts', 'too-many-failed-attempts', {
      retryAfterSeconds,
    });
  }

  /** No verdict: never a 401, which would end a training job. */
  unavailable(context: RequestContext, error: unknown): ProblemError {
    const fault = error instanceof AuthServiceError ? error.fault : 'internal';
    if (fault === 'internal')
      this.logger.error('auth_internal_error', { request_id: context.requestId, ...errorFields(error) });
    const retryAfterSeconds = this.validator.retryAfterSeconds();
    return this.refuse(context, 'auth-service-unavailable', `auth-service-${fault}`, { retryAfterSeconds });
  }

  /** A key was validated; what memory answers is no event. */
  succeeded(context: RequestContext): void {
    this.logger.info('auth_succeeded', fieldsOf(context));
  }

  private refuse(
    context: RequestContext,
    problem: ErrorName,
    reason: string,
    options: ProblemOptions = {},
  ): ProblemError {
    this.metrics.refusals.inc({ reason });
    context.reason = reason;
    this.logger.warn('auth_refused', { ...fieldsOf(context), reason });
    return new ProblemError(problem, { ...options, reason });
  }
}

function challenge(value: string): ProblemOptions {
  return { headers: { 'www-authenticate': value } };
}

function fieldsOf({ requestId, clientIp, keyId, userId }: RequestContext): object {
  return {
    request_id: requestId,
    client_ip: clientIp,
    ...(keyId !== undefined && { key_id: keyId }),
    ...(userId !== undefined && { user_id: userId }),
  };
}
