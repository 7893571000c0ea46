import { Injectable } from '@nestjs/common';
import { Counter, Registry } from 'prom-client';
import { RequestLog } from '../platform/observability/request-log.js';
import { FAILURE_CAUSES, failureCause } from './failure-cause.js';
import { isMlflowLabel } from './route-label.js';

/**
 * Counts the requests to MLflow that this deployment failed, whichever part answered them. Only the end of a request
 * sees all of them: many never reach the proxy.
 */
@Injectable()
export class FailedRequestsMetrics {
  constructor(registry: Registry, requests: RequestLog) {
    const failed = new Counter({
      name: 'gateway_requests_failed_total',
      help: 'Requests to MLflow that failed for no fault of their own, by cause',
      labelNames: ['cause'],
      registers: [registry],
    });
    // A rate needs a first value: a cause that appears with its first failure would hide it.
    for (const cause of FAILURE_CAUSES) failed.inc({ cause }, 0);
    requests.onProblem((problem, route) => {
      const cause = failureCause(problem);
      if (cause !== undefined && isMlflowLabel(route)) failed.inc({ cause });
    });
  }
}
