import { Injectable } from '@nestjs/common';
import type { Indication } from '../../platform/observability/health-indicators.js';
import type { AuthMetrics } from './auth.metrics.js';
import { KeyDirectory } from './facts/key-directory.js';
import { KnownKeys } from './facts/known-keys.js';
import { MemoryFacts } from './facts/memory-facts.js';
import { Tombstones } from './invalidation/tombstones.js';
import { KeyValidator } from './auth-service/key-validator.js';

const BREAKER_LEVELS = { closed: 0, 'half-open': 1, open: 2 } as const;

/** What authentication has in memory, and the state of the auth service; reading it makes no call. */
@Injectable()
export class AuthReport {
  constructor(
    private readonly validator: KeyValidator,
    private readonly directory: KeyDirectory,
    private readonly known: KnownKeys,
    private readonly tombstones: Tombstones,
    private readonly memory: MemoryFacts,
  ) {}

  /** For `/health/detailed`. */
  indicate(): Indication {
    const { breakerState, outageOngoing } = this.validator;
    return {
      status: breakerState === 'open' ? 'down' : outageOngoing ? 'degraded' : 'up',
      breaker: breakerState,
      outage_seconds: this.validator.outageSeconds,
      contract: this.validator.contract ?? null,
      lookups_in_flight: this.directory.inFlight,
      calls_under_way: this.validator.load?.underWay ?? null,
      calls_waiting: this.validator.load?.waiting ?? null,
      unknown_keys_waiting: this.directory.unknownWaiting,
      cached_keys: this.known.size,
      cached_refusals: this.memory.refusalCount,
      tombstones: this.tombstones.size,
      tombstones_unshared: this.tombstones.unsharedCount,
    };
  }

  /** Gauges that are read when figures are collected. */
  register(metrics: AuthMetrics): void {
    const { validator, directory, known, tombstones, memory } = this;
    metrics.gauge(
      'auth_breaker_state',
      'Breaker in front of the auth service: 0 closed, 1 half-open, 2 open',
      () => BREAKER_LEVELS[validator.breakerState],
    );
    metrics.gauge(
      'auth_outage_seconds',
      'Age of the present outage of the auth service, 0 where there is none',
      () => validator.outageSeconds,
    );
    metrics.gauge('auth_lookups_in_flight', 'Keys being looked up', () => directory.inFlight);
    metrics.gauge(
      'auth_calls_waiting',
      'Validation calls that wait for their turn',
      () => validator.load?.waiting ?? 0,
    );
    metrics.gauge(
      'auth_unknown_keys_waiting',
      'Keys never seen valid that wait for their turn to be validated',
      () => directory.unknownWaiting,
    );
    metrics.gauge('auth_cached_refusals', 'Refused keys in memory', () => memory.refusalCount);
    metrics.gauge('auth_cached_keys', 'Valid keys in memory', () => known.size);
    metrics.gauge('auth_tombstones', 'Invalidations held', () => tombstones.size);
  }
}
