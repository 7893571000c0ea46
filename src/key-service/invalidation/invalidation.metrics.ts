import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { Clock } from '../../platform/clock.js';
import { Outbox } from './outbox.js';

/** How long changes take to reach gateways, and how many have not reached them. */
@Injectable()
export class InvalidationMetrics {
  private readonly deliveries: Counter;
  private readonly delay: Histogram;

  constructor(
    registry: Registry,
    outbox: Outbox,
    private readonly clock: Clock,
  ) {
    this.deliveries = new Counter({
      name: 'key_invalidation_deliveries_total',
      help: 'Invalidations sent to gateways, by result: delivered or failed (and sent again)',
      labelNames: ['result'],
      registers: [registry],
    });
    this.delay = new Histogram({
      name: 'key_invalidation_delay_seconds',
      help: 'Time from the change of a key until a gateway has accepted its invalidation',
      buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 30, 300, 3600],
      registers: [registry],
    });
    new Gauge({
      name: 'key_invalidations_pending',
      help: 'Invalidations that a gateway has not accepted yet',
      registers: [registry],
      async collect() {
        // Metrics are answered also while the database is down.
        this.set(await outbox.pending().catch(() => Number.NaN));
      },
    });
  }

  /** @param changedAt time of the change, RFC 3339 */
  delivered(changedAt: string): void {
    this.deliveries.inc({ result: 'delivered' });
    this.delay.observe(Math.max(0, this.clock.now() - Date.parse(changedAt)) / 1000);
  }

  failed(messages: number): void {
    this.deliveries.inc({ result: 'failed' }, messages);
  }
}
