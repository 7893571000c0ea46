import { Injectable } from '@nestjs/common';
import type { Indication } from '../../platform/health-indicators.js';
import type { AuthMetrics } from './auth.metrics.js';
import { KeyDirectory } from './key-directory.js';
import { KeyValidator } from './key-validator.js';
import { KnownKeys } from './known-keys.js';
import { Tombstones } from './tombstones.js';

const BREAKER_LEVELS = { closed: 0, 'half-open': 1, open: 2 } as const;

/** What authentication holds and how its auth service is; reading it asks nobody. */
@Injectable()
export class AuthReport {
  constructor(
    private readonly validator: KeyValidator,
    private readonly directory: KeyDirectory,
    private readonly known: KnownKeys,
    private readonly tombstones: Tombstones,
  ) {}

  /** For `/health/detailed`. */
  indicate(): Indication {
    const { breakerState, outageOngoing } = this.validator;
    return {
      status: breakerState === 'open' ? 'down' : outageOngoing ? 'degraded' : 'up',
      breaker: breakerState,
      outage_seconds: this.validator.outageSeconds,
      contract: this.validator.contract ?? null,
      known_keys: this.known.size,
    };
  }

  /** Gauges that are read when figures are collected. */
  register(metrics: AuthMetrics): void {
    const { validator, directory, known, tombstones } = this;
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
    metrics.gauge('auth_known_keys', 'Valid keys held for immediate use', () => known.size);
    metrics.gauge('auth_tombstones', 'Invalidations held', () => tombstones.size);
  }
}
