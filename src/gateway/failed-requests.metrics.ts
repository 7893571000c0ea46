import { Injectable } from '@nestjs/common';
import { Counter, Registry } from 'prom-client';
import { RequestLog } from '../platform/observability/request-log.js';
import { FAILURE_CAUSES, failureCause } from './failure-cause.js';
import { isMlflowLabel } from './route-label.js';

/**
 * Counts the requests to MLflow that failed because of this deployment, whichever part answered them. They are counted
 * when a request ends, because many never reach the proxy.
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
    // Every cause starts at 0: a rate over a series that appears with its first failure would miss that failure.
    for (const cause of FAILURE_CAUSES) failed.inc({ cause }, 0);
    requests.onProblem((problem, route) => {
      const cause = failureCause(problem);
      if (cause !== undefined && isMlflowLabel(route)) failed.inc({ cause });
    });
  }
}
