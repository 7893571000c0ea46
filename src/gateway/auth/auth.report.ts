import type { Clock } from '../../platform/clock.js';
import type { Indication } from '../../platform/health-indicators.js';
import type { AuthMetrics } from './auth.metrics.js';
import type { CallPolicies } from './call-policies.js';
import type { ContractNegotiator } from './contract.negotiator.js';
import type { KeyDirectory } from './key-directory.js';
import type { KeyValidator } from './key-validator.js';
import type { KnownKeys } from './known-keys.js';
import type { Tombstones } from './tombstones.js';

/** What a report is read from. */
export interface AuthReportSources {
  readonly validator: KeyValidator;
  readonly policies: CallPolicies;
  readonly negotiator: ContractNegotiator;
  readonly directory: KeyDirectory;
  readonly known: KnownKeys;
  readonly tombstones: Tombstones;
  readonly clock: Clock;
}

const BREAKER_LEVELS = { closed: 0, 'half-open': 1, open: 2 } as const;

/** What authentication holds and how its auth service is; reading it asks nobody. */
export class AuthReport {
  constructor(private readonly sources: AuthReportSources) {}

  /** For `/health/detailed`. */
  indicate(): Indication {
    const { policies, validator, negotiator, known } = this.sources;
    const { state } = policies.breaker;
    return {
      status: state === 'open' ? 'down' : validator.outage.ongoing ? 'degraded' : 'up',
      breaker: state,
      outage_seconds: this.outageSeconds(),
      contract: negotiator.contract ?? null,
      known_keys: known.size,
    };
  }

  /** Gauges that are read when figures are collected. */
  register(metrics: AuthMetrics): void {
    const { policies, directory, known, tombstones } = this.sources;
    metrics.gauge(
      'auth_breaker_state',
      'Breaker in front of the auth service: 0 closed, 1 half-open, 2 open',
      () => BREAKER_LEVELS[policies.breaker.state],
    );
    metrics.gauge(
      'auth_outage_seconds',
      'Age of the present outage of the auth service, 0 where there is none',
      () => this.outageSeconds(),
    );
    metrics.gauge('auth_lookups_in_flight', 'Keys being looked up', () => directory.inFlight);
    metrics.gauge('auth_known_keys', 'Valid keys held for immediate use', () => known.size);
    metrics.gauge('auth_tombstones', 'Invalidations held', () => tombstones.size);
  }

  private outageSeconds(): number {
    return this.sources.validator.outage.ageSeconds(this.sources.clock.monotonicMs());
  }
}
