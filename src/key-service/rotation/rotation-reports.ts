import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Registry } from 'prom-client';
import { ROTATION_DELIVERIES, type RotationDelivery } from '../../contracts/keys/rotation-policies.js';
import { redactKeys } from '../../lib/keys/key-pattern.js';
import { errorFields, Logger } from '../../platform/logging/logger.js';
import type { OpenRotation } from './key-rotations.repository.js';
import type { RotationPolicy } from './policies/rotation-policy.js';
import { RotationStore } from './rotation-store.js';

const OUTCOMES = ['delivered', 'failed'] as const;
type Outcome = (typeof OUTCOMES)[number];

/** Reports in log and metrics whether successors are delivered. */
@Injectable()
export class RotationReports {
  private readonly deliveries: Counter;

  constructor(
    registry: Registry,
    store: RotationStore,
    private readonly logger: Logger,
  ) {
    this.deliveries = new Counter({
      name: 'key_rotation_deliveries_total',
      help: 'Attempts to hand over a new key, by delivery and outcome: delivered or failed (and tried again)',
      labelNames: ['delivery', 'outcome'],
      registers: [registry],
    });
    for (const delivery of ROTATION_DELIVERIES)
      for (const outcome of OUTCOMES) this.deliveries.inc({ delivery, outcome }, 0);
    const gauge = (name: string, help: string, which: 'open' | 'failing'): Gauge =>
      new Gauge({
        name,
        help,
        registers: [registry],
        async collect() {
          // Metrics are answered also while the database is down.
          const counts = await store.rotations.counts(store.database.reads).catch(() => undefined);
          this.set(counts?.[which] ?? Number.NaN);
        },
      });
    gauge('key_rotations_pending', 'New keys of rotation policies that are not handed over yet', 'open');
    gauge('key_rotations_failing', 'Of them, those of which an attempt has failed', 'failing');
  }

  delivered(rotation: OpenRotation, { delivery }: RotationPolicy): void {
    this.logger.info('key_rotation_delivered', {
      ...idsOf(rotation),
      ...{ delivery, attempts: rotation.attempts },
    });
  }

  /** The destination has accepted it, or not. */
  attempted({ delivery }: RotationPolicy, outcome: Outcome): void {
    this.deliveries.inc({ delivery: delivery as RotationDelivery, outcome });
  }

  /** @returns what may be kept of the error */
  failed(rotation: OpenRotation, policy: RotationPolicy, error: unknown, pauseMs: number): string {
    this.attempted(policy, 'failed');
    const said = errorFields(error);
    const words = redactKeys(said.error);
    this.logger.error('key_rotation_not_delivered', {
      ...idsOf(rotation),
      ...{ delivery: policy.delivery, attempts: rotation.attempts, retry_in_ms: pauseMs },
      ...{ ...said, error: words },
    });
    return words;
  }

  cancelled(rotation: OpenRotation, reason: string): void {
    this.logger.warn('key_rotation_cancelled', {
      ...idsOf(rotation),
      ...{ reason, attempts: rotation.attempts },
    });
  }

  /** The cause is storage, not a destination. */
  fault(error: unknown): void {
    this.logger.warn('key_rotations_failed', errorFields(error));
  }
}

function idsOf({ keyId, successorId, policyId }: OpenRotation): object {
  return { key_id: keyId, new_key_id: successorId, policy_id: policyId };
}
