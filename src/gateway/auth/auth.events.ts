import { Injectable } from '@nestjs/common';
import { errorFields, Logger } from '../../platform/logging/logger.js';
import type { RequestContext } from '../../platform/request/request-context.js';
import type { BreakerPolicy } from '../resilience/breaker.policy.js';
import type { KeyQuestion } from './auth-service/auth-service.client.js';
import type { AuthFault, AuthServiceError } from './auth-service/auth-service.error.js';
import type { Validation } from './auth-service/auth-service.reply.js';
import { AuthMetrics } from './auth.metrics.js';

/** Subjects of one invalidation that are logged. */
const MOST_LOGGED = 10;

const HINTS: Partial<Record<AuthFault, string>> = {
  throttled:
    'The auth service limits this gateway as one client: set HOKUSAI_AUTH_SERVICE_TOKEN to a token that it knows, ' +
    "or name the gateway's address in its TRUSTED_VALIDATORS",
};

/** Events of authentication: each is counted and logged here. */
@Injectable()
export class AuthEvents {
  constructor(
    private readonly metrics: AuthMetrics,
    private readonly logger: Logger,
  ) {}

  /** A key was validated. Answers from memory are not logged. */
  succeeded(context: RequestContext): void {
    this.logger.info('auth_succeeded', fieldsOf(context));
  }

  refused(context: RequestContext, reason: string): void {
    this.metrics.refusals.inc({ reason });
    this.logger.warn('auth_refused', { ...fieldsOf(context), reason });
  }

  /** A fault of the gateway's own, which its client sees as an outage. */
  internalError({ requestId }: RequestContext, error: unknown): void {
    this.logger.error('auth_internal_error', { request_id: requestId, ...errorFields(error) });
  }

  /** The auth service gave a verdict. */
  answered(kind: Validation['kind'], seconds: number): void {
    this.metrics.calls.inc({ outcome: kind, fault: 'none' });
    this.metrics.callSeconds.observe(seconds);
  }

  /** A call to the auth service ended without a verdict, after its retries. */
  failed(
    error: AuthServiceError,
    { requestId }: KeyQuestion,
    { seconds, breaker }: { seconds: number; breaker: BreakerPolicy['state'] },
  ): void {
    const { fault, detail } = error;
    this.metrics.calls.inc({ outcome: 'fault', fault });
    this.metrics.callSeconds.observe(seconds);
    // An open breaker was logged when it opened. A busy gateway would log it again for every request.
    if (fault === 'breaker-open') return;
    this.logger.error('auth_service_fault', {
      request_id: requestId,
      fault,
      ...(detail !== undefined && { detail }),
      breaker,
      ...(HINTS[fault] !== undefined && { message: HINTS[fault] }),
    });
  }

  restored(outageMs: number): void {
    this.logger.info('auth_service_restored', { outage_seconds: Math.round(outageMs / 1000) });
  }

  /** A tombstone was set. */
  invalidated(source: 'request' | 'message' | 'poll'): void {
    this.metrics.invalidations.inc({ source });
  }

  /** Other replicas could not be told of an invalidation; it is sent again. */
  notShared(subjects: readonly string[]): void {
    this.metrics.unshared.inc();
    this.logger.warn('invalidation_not_shared', { subjects: subjects.slice(0, MOST_LOGGED) });
  }
}

/** Who a request is from, for a line of the log. */
export function fieldsOf({ requestId, clientIp, fields }: RequestContext): object {
  return { request_id: requestId, client_ip: clientIp, ...fields.values };
}
