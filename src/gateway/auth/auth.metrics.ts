import { Inject, Injectable } from '@nestjs/common';
import { Counter, Histogram, Registry } from 'prom-client';
import { readGauge } from '../../platform/observability/read-gauge.js';

/** How a key was known when it was asked for. */
export type LookupResult = 'fresh' | 'shared' | 'stale' | 'stale_if_error' | 'negative' | 'miss';

/** Every figure of authentication. No key, user, address or host is ever a label. */
@Injectable()
export class AuthMetrics {
  /** Counted without a look-up on every request; turned into samples when they are collected. */
  freshHits = 0;
  readonly lookups: Counter<'result'>;
  readonly calls: Counter<'outcome' | 'fault'>;
  readonly callSeconds: Histogram;
  readonly refusals: Counter<'reason'>;
  readonly joins: Counter;
  readonly invalidations: Counter<'source'>;
  readonly unshared: Counter;
  readonly refusedValues: Counter<'kind' | 'fault'>;

  constructor(@Inject(Registry) private readonly registry: Registry) {
    const hits = (): number => this.takeFreshHits();
    this.lookups = new Counter({
      name: 'auth_cache_lookups_total',
      help: 'Keys looked up, by how they were known: fresh, shared, stale, stale_if_error, negative or miss',
      labelNames: ['result'],
      registers: [registry],
      collect() {
        this.inc({ result: 'fresh' }, hits());
      },
    });
    this.calls = this.counter('auth_validation_calls_total', 'Validation calls by what came of them', [
      'outcome',
      'fault',
    ]);
    this.callSeconds = new Histogram({
      name: 'auth_validation_duration_seconds',
      help: 'Time of validation calls, retries included',
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers: [registry],
    });
    this.refusals = this.counter('auth_refusals_total', 'Requests refused by authentication, by reason', [
      'reason',
    ]);
    this.joins = this.counter(
      'auth_single_flight_joins_total',
      'Requests that waited for the look-up of another',
    );
    this.invalidations = this.counter(
      'auth_invalidations_total',
      'Tombstones set, by how they were learned of',
      ['source'],
    );
    this.unshared = this.counter(
      'auth_invalidations_unshared_total',
      'Attempts to tell other replicas of an invalidation that failed; they are repeated',
    );
    this.refusedValues = this.counter(
      'auth_shared_values_refused_total',
      'Values from Redis that were refused: no replica of this gateway had signed it, or its time was wrong',
      ['kind', 'fault'],
    );
  }

  /** A value that is read when figures are collected. */
  gauge(name: string, help: string, read: () => number): void {
    readGauge(this.registry, name, help, read);
  }

  private counter<L extends string = never>(name: string, help: string, labelNames: L[] = []): Counter<L> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  private takeFreshHits(): number {
    const taken = this.freshHits;
    this.freshHits = 0;
    return taken;
  }
}
