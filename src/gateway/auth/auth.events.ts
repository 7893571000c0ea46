import { Injectable } from '@nestjs/common';
import { Logger } from '../../platform/logging/logger.js';
import type { RequestContext } from '../../platform/request/request-context.js';
import { AuthMetrics } from './auth.metrics.js';

/** What happens in authentication, told to the log and the metrics together. */
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
}

function fieldsOf({ requestId, clientIp, keyId, userId }: RequestContext): object {
  return {
    request_id: requestId,
    client_ip: clientIp,
    ...(keyId !== undefined && { key_id: keyId }),
    ...(userId !== undefined && { user_id: userId }),
  };
}
