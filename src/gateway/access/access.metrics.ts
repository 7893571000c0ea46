import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Registry } from 'prom-client';
import type { ErrorName } from '../../contracts/errors/error-codes.js';
import { Logger } from '../../platform/logging/logger.js';

export type AccessRefusal =
  | 'scope'
  | 'unknown_route'
  | 'ambiguous_path'
  | 'assistant'
  | 'cross_site'
  | 'no_grants'
  | 'grants'
  | 'undecided_call'
  | 'ambiguous_request'
  | 'large_body';

/** Problems that count as a refusal of a request of a key with grants. Every other problem is a fault. */
const REFUSALS: Readonly<Partial<Record<ErrorName, AccessRefusal>>> = {
  'resource-forbidden': 'grants',
  'call-forbidden': 'undecided_call',
  'ambiguous-request': 'ambiguous_request',
  'request-too-large': 'large_body',
};

/** Bounds the memory. A longer list in the log would not help anybody. */
const MAX_NAMES = 200;

/** What access control refused, and routes of MLflow that no table knows. */
@Injectable()
export class AccessMetrics {
  private readonly refusals: Counter;
  private readonly unknown: Counter;
  private readonly grants: Counter;
  private readonly lookups: Counter;
  private readonly bodies: Gauge;
  private readonly named = new Set<string>();
  private bodyBytes = (): number => 0;

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
    this.grants = new Counter({
      name: 'access_grants_total',
      help: 'Requests of keys with grants, by outcome',
      labelNames: ['outcome'],
      registers: [registry],
    });
    this.lookups = new Counter({
      name: 'access_lookups_total',
      help: 'Questions to MLflow of what an id belongs to, by outcome',
      labelNames: ['outcome'],
      registers: [registry],
    });
    this.bodies = new Gauge({
      name: 'access_bodies_bytes',
      help: 'Bodies and answers in memory, read for keys with grants',
      registers: [registry],
      collect: () => this.bodies.set(this.bodyBytes()),
    });
  }

  refused(reason: AccessRefusal): void {
    this.refusals.inc({ reason });
  }

  /** @param name of the endpoint, without ids: it stands in the log once */
  unknownRoute(outcome: 'forwarded' | 'refused', name: string): void {
    this.unknown.inc({ outcome });
    if (this.isNew(name)) this.logger.warn('unknown_mlflow_route', { endpoint: name, outcome });
  }

  /** @param name of the call, without ids: it stands in the log once */
  undecidedCall(name: string): void {
    if (this.isNew(name)) this.logger.warn('undecided_mlflow_call', { endpoint: name });
  }

  granted(): void {
    this.grants.inc({ outcome: 'granted' });
  }

  /** @param problem that a request of a key with grants is answered with */
  notGranted(problem: ErrorName): void {
    const reason = REFUSALS[problem];
    this.grants.inc({ outcome: reason === undefined ? 'fault' : 'refused' });
    if (reason !== undefined) this.refused(reason);
  }

  lookup(outcome: 'found' | 'missing' | 'unavailable'): void {
    this.lookups.inc({ outcome });
  }

  /** @param bytes of bodies in memory, read when asked for */
  watchBodies(bytes: () => number): void {
    this.bodyBytes = bytes;
  }

  private isNew(name: string): boolean {
    if (this.named.size >= MAX_NAMES || this.named.has(name)) return false;
    this.named.add(name);
    return true;
  }
}
