import { Injectable } from '@nestjs/common';
import { Counter, Registry } from 'prom-client';
import { Logger } from '../../platform/logging/logger.js';

export type AccessRefusal =
  'scope' | 'unknown_route' | 'ambiguous_path' | 'assistant' | 'cross_site' | 'grants';

/** More names than this are no list that anybody reads. */
const MAX_NAMES = 200;

/** What access control refused, and routes of MLflow that no table knows. */
@Injectable()
export class AccessMetrics {
  private readonly refusals: Counter;
  private readonly unknown: Counter;
  private readonly named = new Set<string>();

  constructor(
    registry: Registry,
    private readonly logger: Logger,
  ) {
    this.refusals = new Counter({
      name: 'access_refusals_total',
      help: 'Requests with a valid key that were refused, by reason',
      labelNames: ['reason'],
      registers: [registry],
    });
    this.unknown = new Counter({
      name: 'access_unknown_routes_total',
      help: 'Requests to routes of MLflow that this release does not know, by outcome',
      labelNames: ['outcome'],
      registers: [registry],
    });
  }

  refused(reason: AccessRefusal): void {
    this.refusals.inc({ reason });
  }

  /** @param name of the endpoint, without ids: it stands in the log once */
  unknownRoute(outcome: 'passed' | 'refused', name: string): void {
    this.unknown.inc({ outcome });
    if (this.named.size >= MAX_NAMES || this.named.has(name)) return;
    this.named.add(name);
    this.logger.warn('unknown_mlflow_route', { endpoint: name, outcome });
  }
}
