import { Injectable } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import { Counter, Registry } from 'prom-client';
import type { ShadowRule } from '../../../contracts/access/shadow.js';
import type { ErrorName } from '../../../contracts/errors/error-codes.js';
import { ProblemError } from '../../../lib/http/problem-error.js';
import { Logger } from '../../../platform/logging/logger.js';
import { contextOf } from '../../../platform/request/request-context.js';
import { AccessMetrics } from '../access.metrics.js';
import { AccessConfig } from '../../config/access.config.js';
import { MlflowConfig } from '../../config/mlflow.config.js';
import { judgedPath } from '../../mlflow-routes/judged-path.js';
import { endpointOf } from '../../mlflow-routes/known-routes.js';
import { mountOf } from '../../mlflow-routes/mlflow-mount.js';
import { principalOf } from '../../principal/principal.js';

/** The rule that causes each problem. Problems without a rule are never in shadow mode. */
const RULES: Readonly<Partial<Record<ErrorName, ShadowRule>>> = {
  'unknown-endpoint': 'unknown-route',
  'ambiguous-path': 'parser',
  'ambiguous-request': 'parser',
  'request-too-large': 'parser',
  'resource-forbidden': 'grants',
  'call-forbidden': 'grants',
  'grants-required': 'grants',
  'lookup-unavailable': 'grants',
  'storage-uri-forbidden': 'ssrf',
};

/**
 * Rules that only report what they would refuse. Their requests are forwarded unchanged, counted and logged, so that
 * an operator can see what fewer rights would break before taking them away.
 */
@Injectable()
export class Shadow {
  private readonly passed: Counter;

  constructor(
    private readonly config: AccessConfig,
    private readonly mlflow: MlflowConfig,
    private readonly logger: Logger,
    readonly metrics: AccessMetrics,
    registry: Registry,
  ) {
    this.passed = new Counter({
      name: 'gateway_access_shadow_total',
      help: 'Requests that passed because a rule is in shadow mode, and that it would have refused, by rule',
      labelNames: ['rule'],
      registers: [registry],
    });
  }

  isOn(rule: ShadowRule): boolean {
    return this.config.mode === 'shadow' || this.config.shadow.includes(rule);
  }

  /** Whether a refusal is only reported: if so, it is counted and logged here. */
  passes(error: unknown, request: IncomingMessage): boolean {
    if (!(error instanceof ProblemError)) return false;
    const rule = RULES[error.problem];
    if (rule === undefined || !this.isOn(rule)) return false;
    this.passed.inc({ rule });
    const { requestId, target } = contextOf(request);
    const method = request.method ?? '';
    const path = judgedPath(target, mountOf(target.path) ?? '', this.mlflow.apiDialect);
    this.logger.warn('access_would_refuse', {
      request_id: requestId,
      key_id: principalOf(request)?.facts.keyId ?? null,
      rule,
      problem: error.problem,
      status: error.status,
      endpoint: `${method} ${endpointOf(method, path).name}`,
      message: error.message,
    });
    return true;
  }
}
